import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Vcenter } from './processes';

/** By the method and the body of a call: what is inside `…Response`; `undefined`: the simulator is asked. */
type Lacking = (method: string, body: string) => string | undefined;

/**
 * A simulated vCenter with answers of our own to calls that it lacks. What depends on those shows how the console acts
 * and not how a vCenter does: such tests end in `responder`. The simulator is started with `-plain`.
 */
export class StandIn {
  private constructor(private readonly listener: HttpServer) {}

  static async before(vcenter: Vcenter, lacking: Lacking): Promise<StandIn> {
    const behind = vcenter.url.replace(/\/sdk$/, '');
    const listener = createServer((request, response) => {
      void answer(behind, lacking, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    return new StandIn(listener);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}/sdk`;
  }

  stop() {
    this.listener.close();
    this.listener.closeAllConnections();
  }
}

async function answer(behind: string, lacking: Lacking, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const method = /<Body><([^ >]+)/.exec(body)?.[1] ?? '';
  const inside = lacking(method, body);
  if (inside !== undefined) {
    response.end(
      '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" ' +
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>' +
        `<${method}Response xmlns="urn:vim25">${inside}</${method}Response></Body></Envelope>`,
    );
    return;
  }
  const headers: Record<string, string> = { soapaction: 'urn:vim25/6.7' };
  if (request.headers.cookie) headers.cookie = request.headers.cookie;
  const got = await fetch(`${behind}${request.url}`, {
    method: request.method,
    headers,
    body: body || undefined,
  });
  const cookies = got.headers.getSetCookie();
  response.writeHead(got.status, cookies.length > 0 ? { 'set-cookie': cookies } : {});
  response.end(Buffer.from(await got.arrayBuffer()));
}

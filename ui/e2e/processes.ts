import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo xtask test\` sets it`);
  return value;
}

const running = new Set<Beside>();
// A test that fails may not come to the line that ends what it started.
process.once('exit', () => running.forEach((it) => it.abandon()));

/** A process of a test, ended with it. */
abstract class Beside {
  protected child: ChildProcess | undefined;

  protected begin(child: ChildProcess) {
    this.child = child;
    running.add(this);
  }

  /** Ends it without waiting. */
  abandon() {
    this.child?.kill('SIGKILL');
  }

  /** Ends it like a power cut: no time to say goodbye. */
  async kill() {
    await this.end('SIGKILL');
  }

  async stop() {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals) {
    const child = this.child;
    this.child = undefined;
    running.delete(this);
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }
}

/** A vCenter simulated by govmomi. */
export class Vcenter extends Beside {
  static readonly user = 'administrator@vsphere.local';
  static readonly password = 'vcsim';
  url = '';

  static async start(flags: string[] = []): Promise<Vcenter> {
    const vcenter = new Vcenter();
    const program = execFileSync(join(ROOT, 'dev/vcsim/build'), { encoding: 'utf8' }).trim();
    const defaults = [
      '-listen',
      '127.0.0.1:0',
      '-user',
      Vcenter.user,
      '-password',
      Vcenter.password,
      '-with-parent',
    ];
    const child = spawn(program, [...defaults, ...flags], { stdio: ['pipe', 'pipe', 'ignore'] });
    vcenter.begin(child);
    const line = await new Promise<string>((done, failed) => {
      createInterface({ input: child.stdout }).once('line', done);
      child.once('exit', () => failed(new Error('the simulator ended before it said where it is')));
    });
    vcenter.url = (JSON.parse(line) as { url: string }).url;
    return vcenter;
  }
}

export type Openstack = { keystoneUrl: string; password: string; ports: Record<string, number> };

/** The real OpenStack that runs for all tests. */
export function openstack(): Openstack {
  return JSON.parse(
    readFileSync(join(needed('STACKYARD_TEST_OPENSTACK'), 'cloud.json'), 'utf8'),
  ) as Openstack;
}

export type Admin = {
  email: string;
  password: string;
  apiKeyId: string;
  accountId: number;
  environmentId: number;
};

/** A Stackyard server with a data directory of its own. The same port after a restart. */
export class Server extends Beside {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'stackyard-e2e-'));
  port = 0;
  admin!: Admin;
  private config = '';

  /** `config` is TOML besides the addresses. */
  static async start(config = ''): Promise<Server> {
    const server = new Server();
    server.config = config;
    server.port = await freePort();
    await server.run();
    server.admin = JSON.parse(readFileSync(join(server.dataDir, 'initial-admin.json'), 'utf8')) as Admin;
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again after `stop` or `kill`. */
  async run() {
    const file = this.writeConfig();
    const args = [
      'server',
      '--config',
      file,
      '--data-dir',
      this.dataDir,
      '--listen',
      `127.0.0.1:${this.port}`,
    ];
    const env = { PATH: process.env.PATH, HOME: this.dataDir };
    const log = openSync(join(this.dataDir, 'server.log'), 'a');
    const child = spawn(needed('STACKYARD_TEST_PROGRAM'), args, {
      stdio: ['ignore', 'ignore', log],
      env,
    });
    this.begin(child);
    for (;;) {
      if (child.exitCode !== null) throw new Error('the server ended at its start');
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  private writeConfig(): string {
    const file = join(this.dataDir, 'stackyard.toml');
    writeFileSync(file, `allowed_cloud_networks = ["127.0.0.0/8", "::1/128"]\n${this.config}\n`);
    return file;
  }

  /** Writes another configuration and has the running server read it, as an operator does. */
  reconfigure(config: string): string {
    this.config = config;
    const args = ['admin', 'reconfigure', '--config', this.writeConfig(), '--data-dir', this.dataDir];
    return execFileSync(needed('STACKYARD_TEST_PROGRAM'), args, { encoding: 'utf8' });
  }

  /** The same with a `scalr-server.rb` and without a TOML of ours. */
  reconfigureLegacy(ruby: string): string {
    const file = join(this.dataDir, 'scalr-server.rb');
    writeFileSync(file, ruby);
    return this.reconfigure(`legacy_config = ${JSON.stringify(file)}`);
  }

  async remove() {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address() as { port: number };
  await new Promise((done) => listener.close(done));
  return port;
}

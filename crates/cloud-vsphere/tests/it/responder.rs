use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A web server of a few lines that answers SOAP calls as a test says, over plain HTTP.
pub struct Responder {
    pub url: String,
    /// Methods in the order of their arrival.
    pub called: Arc<Mutex<Vec<String>>>,
    /// What came before the body of each request, in small letters.
    pub heads: Arc<Mutex<Vec<String>>>,
    n_bytes: Arc<AtomicUsize>,
}

pub enum Reply {
    /// Status and body.
    Text(u16, String),
    /// Lines of the head, each with its end, and a body.
    Bytes(&'static str, Vec<u8>),
    /// A body that begins like this and goes on until it has so many bytes.
    Long(String, usize),
    /// The connection stays open and nothing comes.
    Silence,
}

impl Responder {
    /// `answer` gets the method (or the path of a GET) and the body.
    pub async fn start(answer: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Responder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sdk", listener.local_addr().unwrap());
        let (called, n_bytes) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let responder = Responder { url, called: called.clone(), heads: heads.clone(), n_bytes: n_bytes.clone() };
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, called, n_bytes) = (answer.clone(), called.clone(), n_bytes.clone());
                let heads = heads.clone();
                // A client that goes away in the middle is part of some tests.
                tokio::spawn(async move { serve(stream, &*answer, &called, &heads, &n_bytes).await.ok() });
            }
        });
        responder
    }

    pub fn count(&self, method: &str) -> usize {
        self.called.lock().unwrap().iter().filter(|it| *it == method).count()
    }

    /// Bytes of bodies that were taken by the other side.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&str, &str) -> Reply + Send + Sync),
    called: &Mutex<Vec<String>>,
    heads: &Mutex<Vec<String>>,
    n_bytes: &AtomicUsize,
) -> std::io::Result<()> {
    // Head and body are two writes.
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = input.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&input[..end]).to_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|it| it.split("\r\n").next()?.parse().ok());
        let length: usize = length.unwrap_or(0);
        while input.len() < end + length {
            if stream.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        }
        let body = String::from_utf8(input[end..end + length].to_vec()).unwrap();
        let method = match body.split("<Body><").nth(1) {
            Some(rest) => rest.split([' ', '>']).next().unwrap().to_owned(),
            None => String::from_utf8_lossy(&input[..end]).split(' ').nth(1).unwrap().to_owned(),
        };
        input.drain(..end + length);
        called.lock().unwrap().push(method.clone());
        heads.lock().unwrap().push(head);
        match answer(&method, &body) {
            Reply::Text(status, body) => {
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(body.as_bytes()).await?;
            }
            Reply::Bytes(lines, body) => {
                let head = format!("HTTP/1.1 200 X\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
            }
            Reply::Long(beginning, length) => {
                let head = format!("HTTP/1.1 200 X\r\nContent-Length: {length}\r\n\r\n{beginning}");
                stream.write_all(head.as_bytes()).await?;
                let padding = vec![b'x'; 64 << 10];
                let mut n_left = length - beginning.len();
                while n_left > 0 {
                    let n = n_left.min(padding.len());
                    stream.write_all(&padding[..n]).await?;
                    n_bytes.fetch_add(n, Ordering::Relaxed);
                    n_left -= n;
                }
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

pub fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// The successful answer to a method.
pub fn answer(method: &str, inside: &str) -> Reply {
    Reply::Text(200, envelope(&format!("<{method}Response xmlns=\"urn:vim25\">{inside}</{method}Response>")))
}

pub fn fault(name: &str, text: &str, inside: &str) -> Reply {
    Reply::Text(
        500,
        envelope(&format!(
            "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>{text}</faultstring><detail>\
             <{name}Fault xmlns=\"urn:vim25\" xsi:type=\"{name}\">{inside}</{name}Fault></detail></soapenv:Fault>"
        )),
    )
}

/// A vCenter with one datacenter and nothing in it; what a test is about, it answers itself before this.
pub fn vcenter(method: &str) -> Reply {
    match method {
        "RetrieveServiceContent" => service_content("VirtualCenter", "8.0.3.0"),
        "Login" => answer(method, "<returnval><key>k-1</key><userName>U</userName></returnval>"),
        "CreateContainerView" => answer(method, "<returnval type=\"ContainerView\">view-1</returnval>"),
        "DestroyView" | "Logout" => answer(method, ""),
        "RetrievePropertiesEx" => answer(method, &format!("<returnval>{DATACENTER}</returnval>")),
        _ if method.starts_with('/') => Reply::Text(404, "no such file".to_owned()),
        _ => fault("MethodNotFound", &format!("no {method}"), ""),
    }
}

pub const DATACENTER: &str = "<objects><obj type=\"Datacenter\">datacenter-2</obj><propSet><name>name</name>\
                              <val xsi:type=\"xsd:string\">DC</val></propSet></objects>";

pub fn service_content(api_type: &str, version: &str) -> Reply {
    answer(
        "RetrieveServiceContent",
        &format!(
            "<returnval><rootFolder type=\"Folder\">group-d1</rootFolder><propertyCollector type=\"PropertyCollector\">\
             propertyCollector</propertyCollector><viewManager type=\"ViewManager\">ViewManager</viewManager><about>\
             <name>n</name><fullName>Test {version}</fullName><version>{version}</version><build>1</build>\
             <apiType>{api_type}</apiType><apiVersion>{version}</apiVersion><instanceUuid>u-1</instanceUuid></about>\
             <sessionManager type=\"SessionManager\">SessionManager</sessionManager><authorizationManager \
             type=\"AuthorizationManager\">AuthorizationManager</authorizationManager><eventManager \
             type=\"EventManager\">EventManager</eventManager><taskManager type=\"TaskManager\">TaskManager</taskManager>\
             <diagnosticManager type=\"DiagnosticManager\">DiagMgr</diagnosticManager><fileManager \
             type=\"FileManager\">FileManager</fileManager></returnval>"
        ),
    )
}

//! A small SMTP server that keeps what it is given and can be told to misbehave.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with the next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Take,
    /// Answers RCPT with this line.
    AtRecipient(&'static str),
    /// Answers the whole content with this line, and does not keep it.
    AfterContent(&'static str),
    /// Keeps the mail and cuts the connection before it says so.
    CutAfterContent,
    /// Cuts the connection when the sender is named.
    CutBefore,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub from: String,
    pub to: String,
    /// The mail with doubled dots undone.
    pub content: String,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    kept: Vec<Kept>,
    commands: Vec<String>,
    connections: usize,
}

#[derive(Debug, Clone)]
pub struct Mailbox {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Mailbox {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { behaviour: Behaviour::Take, kept: Vec::new(), commands: Vec::new(), connections: 0 };
        let state = Arc::new(Mutex::new(state));
        let mailbox = Self { port, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.lock().unwrap().connections += 1;
                let state = Arc::clone(&state);
                // A connection that the client drops is no failure of the server.
                tokio::spawn(async move { talk(stream, &state).await.ok() });
            }
        });
        mailbox
    }

    /// From now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.state.lock().unwrap().behaviour = behaviour;
    }

    pub fn kept(&self) -> Vec<Kept> {
        self.state.lock().unwrap().kept.clone()
    }

    /// Every command line that was read as one, without contents.
    pub fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

async fn talk(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mailbox ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let behaviour = {
            let mut state = state.lock().unwrap();
            state.commands.push(line.clone());
            state.behaviour
        };
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "MAIL" if behaviour == Behaviour::CutBefore => return Ok(()),
            "MAIL" => {
                from = line;
                "250 ok"
            }
            "RCPT" => {
                to = line;
                if let Behaviour::AtRecipient(answer) = behaviour { answer } else { "250 ok" }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let content = read_content(&mut stream).await?;
                let kept = Kept { from: from.clone(), to: to.clone(), content };
                match behaviour {
                    Behaviour::AfterContent(answer) => answer,
                    Behaviour::CutAfterContent => {
                        state.lock().unwrap().kept.push(kept);
                        return Ok(());
                    }
                    _ => {
                        state.lock().unwrap().kept.push(kept);
                        "250 kept"
                    }
                }
            }
            "QUIT" => "221 bye",
            "EHLO" | "NOOP" | "RSET" => "250 ok",
            _ => "500 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Reads as a lenient server does, for which a bare line feed ends a line too: that is the one which an injected
/// line would reach.
async fn read_content(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut content = String::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.trim_end_matches(['\r', '\n']) == "." {
            return Ok(content);
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

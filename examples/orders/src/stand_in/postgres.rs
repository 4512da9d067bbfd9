//! As much of the protocol of `PostgreSQL` (version 3.0) as a driver needs that prepares its statements.

use std::collections::BTreeMap;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::database::{Field, Statement, Table};

/// Longest message that is read.
const LONGEST: usize = 1 << 20;
const TLS_ASKED: i32 = 80_877_103;
const GSS_ASKED: i32 = 80_877_104;

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, table: Table) {
    let _closed_by_the_client = session(BufReader::new(stream), table).await;
}

#[derive(Default)]
struct Session {
    prepared: BTreeMap<Vec<u8>, Statement>,
    portal: Option<(Statement, Vec<Field>)>,
    /// After an error everything up to the next Sync is skipped.
    is_skipping: bool,
}

async fn session(mut stream: BufReader<TcpStream>, table: Table) -> io::Result<()> {
    greet(&mut stream).await?;
    let mut session = Session::default();
    let mut answer = Vec::new();
    loop {
        let kind = stream.read_u8().await?;
        let body = read_body(&mut stream).await?;
        match kind {
            b'X' => return Ok(()),
            b'S' => {
                session.is_skipping = false;
                message(&mut answer, b'Z', b"I");
            }
            b'Q' => simple(&table, &body, &mut answer).await,
            _ if session.is_skipping => {}
            _ => {
                if session.take(kind, &body, &table, &mut answer).await.is_none() {
                    session.is_skipping = true;
                    error(&mut answer, "0A000", "the stand-in does not know this");
                }
            }
        }
        if matches!(kind, b'S' | b'Q' | b'H') {
            stream.write_all(&answer).await?;
            answer.clear();
        }
    }
}

/// Start-up without TLS and without a password.
async fn greet(stream: &mut BufReader<TcpStream>) -> io::Result<()> {
    loop {
        let body = read_body(stream).await?;
        let version =
            body.get(..4).and_then(|bytes| bytes.try_into().ok()).map_or(0, i32::from_be_bytes);
        if version != TLS_ASKED && version != GSS_ASKED {
            break;
        }
        stream.write_all(b"N").await?;
    }
    let mut answer = Vec::new();
    message(&mut answer, b'R', &0_i32.to_be_bytes());
    for setting in [
        &b"server_version\x0015.0\0"[..],
        b"client_encoding\0UTF8\0",
        b"standard_conforming_strings\0on\0",
    ] {
        message(&mut answer, b'S', setting);
    }
    message(&mut answer, b'K', &[0; 8]);
    message(&mut answer, b'Z', b"I");
    stream.write_all(&answer).await
}

async fn read_body(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(stream.read_i32().await?).unwrap_or(0);
    let Some(length) = length.checked_sub(4).filter(|length| *length <= LONGEST) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

/// A query in one message; only those without parameters make sense.
async fn simple(table: &Table, body: &[u8], answer: &mut Vec<u8>) {
    let (sql, _) = text(body).unwrap_or_default();
    let statement = Statement::of(&String::from_utf8_lossy(sql));
    match statement {
        Some(statement) => match table.run(statement, &[]).await {
            Some((rows, tag)) => finish(answer, &rows, &tag),
            None => error(answer, "08P01", "parameters are missing"),
        },
        None => error(answer, "0A000", "the stand-in does not know this statement"),
    }
    message(answer, b'Z', b"I");
}

impl Session {
    /// Handles one message of the extended protocol; `None` when it is not understood.
    async fn take(
        &mut self,
        kind: u8,
        body: &[u8],
        table: &Table,
        answer: &mut Vec<u8>,
    ) -> Option<()> {
        match kind {
            b'P' => {
                let (name, rest) = text(body)?;
                let statement = Statement::of(&String::from_utf8_lossy(text(rest)?.0))?;
                self.prepared.insert(name.to_vec(), statement);
                message(answer, b'1', b"");
            }
            b'D' => {
                let (what, rest) = body.split_first()?;
                let statement = if *what == b'S' {
                    *self.prepared.get(text(rest)?.0)?
                } else {
                    self.portal.as_ref()?.0
                };
                describe(answer, statement, *what == b'S');
            }
            b'B' => {
                let (_, rest) = text(body)?;
                let (name, rest) = text(rest)?;
                self.portal = Some((*self.prepared.get(name)?, parameters(rest)?));
                message(answer, b'2', b"");
            }
            b'E' => {
                let (statement, parameters) = self.portal.as_ref()?;
                let (rows, tag) = table.run(*statement, parameters).await?;
                finish(answer, &rows, &tag);
            }
            b'C' => {
                let (what, rest) = body.split_first()?;
                if *what == b'S' {
                    self.prepared.remove(text(rest)?.0);
                }
                message(answer, b'3', b"");
            }
            b'H' => {}
            _ => return None,
        }
        Some(())
    }
}

/// The bytes up to the next zero, and those after it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn short(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    Some((usize::try_from(i16::from_be_bytes(head.try_into().ok()?)).ok()?, rest))
}

/// The values of a Bind message, after the formats that they are in: all binary, or text whose form is the same.
fn parameters(bytes: &[u8]) -> Option<Vec<Field>> {
    let (formats, rest) = short(bytes)?;
    let (count, mut rest) = short(rest.get(2 * formats..)?)?;
    let mut values = Vec::new();
    for _ in 0..count {
        let (head, after) = rest.split_at_checked(4)?;
        let length = usize::try_from(i32::from_be_bytes(head.try_into().ok()?)).ok()?;
        let (value, after) = after.split_at_checked(length)?;
        values.push(value.to_vec());
        rest = after;
    }
    Some(values)
}

fn describe(answer: &mut Vec<u8>, statement: Statement, has_parameters: bool) {
    if has_parameters {
        let types = statement.parameters();
        let mut body = count(types.len());
        body.extend(types.iter().flat_map(|kind| kind.to_be_bytes()));
        message(answer, b't', &body);
    }
    let columns = statement.columns();
    if columns.is_empty() {
        return message(answer, b'n', b"");
    }
    let mut body = count(columns.len());
    for (name, kind) in columns {
        body.extend(name.as_bytes());
        body.push(0);
        body.extend([0; 6]);
        body.extend(kind.to_be_bytes());
        body.extend([255; 2]);
        body.extend([255; 4]);
        body.extend([0, 1]);
    }
    message(answer, b'T', &body);
}

fn finish(answer: &mut Vec<u8>, rows: &[Vec<Field>], tag: &str) {
    for row in rows {
        let mut body = count(row.len());
        for field in row {
            body.extend(i32::try_from(field.len()).unwrap_or(0).to_be_bytes());
            body.extend(field);
        }
        message(answer, b'D', &body);
    }
    message(answer, b'C', format!("{tag}\0").as_bytes());
}

fn error(answer: &mut Vec<u8>, code: &str, text: &str) {
    message(answer, b'E', format!("SERROR\0VERROR\0C{code}\0M{text}\0\0").as_bytes());
}

fn count(number: usize) -> Vec<u8> {
    i16::try_from(number).unwrap_or(i16::MAX).to_be_bytes().to_vec()
}

fn message(answer: &mut Vec<u8>, kind: u8, body: &[u8]) {
    answer.push(kind);
    answer.extend(i32::try_from(body.len() + 4).unwrap_or(i32::MAX).to_be_bytes());
    answer.extend(body);
}

//! The file that holds a report: opened, unpacked where it is gzipped, and hashed while it is read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use facts::imported::{REPORT_BYTES, is_points};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::ImportError;

/// How much of its beginning is looked at.
const BEGINNING: usize = 64 << 10;

/// A report that is open.
pub(super) struct Opened {
    path: PathBuf,
    reader: Unpacked,
    is_points: bool,
}

enum Unpacked {
    Plain(BufReader<Hashed>),
    Zipped(BufReader<MultiGzDecoder<BufReader<Hashed>>>),
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hash.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

/// Opens the report at `path`.
pub(super) fn open(path: &Path) -> Result<Opened, ImportError> {
    let failed = |error: io::Error| unreadable(path, &error.to_string());
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(unreadable(path, "is not a regular file"));
    }
    let hashed = Hashed { file, hash: Sha256::new() };
    let mut plain = BufReader::with_capacity(BEGINNING, hashed);
    let is_zipped = plain.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]);
    let mut reader = if is_zipped {
        Unpacked::Zipped(BufReader::with_capacity(BEGINNING, MultiGzDecoder::new(plain)))
    } else {
        Unpacked::Plain(plain)
    };
    let is_points = is_points(reader.buffered().fill_buf().map_err(failed)?);
    Ok(Opened { path: path.to_owned(), reader, is_points })
}

fn unreadable(path: &Path, reason: &str) -> ImportError {
    ImportError::Unreadable { path: path.to_owned(), reason: reason.to_owned() }
}

impl Unpacked {
    fn buffered(&mut self) -> &mut dyn BufRead {
        match self {
            Self::Plain(reader) => reader,
            Self::Zipped(reader) => reader,
        }
    }

    fn hashed(&mut self) -> &mut Hashed {
        match self {
            Self::Plain(reader) => reader.get_mut(),
            Self::Zipped(reader) => reader.get_mut().get_mut().get_mut(),
        }
    }
}

impl Opened {
    /// Whether it is a stream of k6's points.
    pub(super) fn is_points(&self) -> bool {
        self.is_points
    }

    /// Its name without folders.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Its path as it was given, for places.
    pub(super) fn place_path(&self) -> Arc<str> {
        self.path.to_string_lossy().into()
    }

    /// Its lines.
    pub(super) fn lines(&mut self) -> &mut dyn BufRead {
        self.reader.buffered()
    }

    /// Its path and all its bytes; more than a report may have are not kept.
    pub(super) fn whole(&mut self) -> Result<(Arc<str>, Vec<u8>), ImportError> {
        let mut bytes = Vec::new();
        let limit = REPORT_BYTES as u64 + 1;
        let read = self.reader.buffered().take(limit).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(&self.path, &error.to_string()))?;
        Ok((self.place_path(), bytes))
    }

    /// Its name and the digest of the file as it lies there, read to its end.
    pub(super) fn digest(&mut self) -> Result<String, ImportError> {
        let name = self.name();
        let hashed = self.reader.hashed();
        let read = io::copy(hashed, &mut io::sink());
        let digest = hex::encode(hashed.hash.clone().finalize());
        read.map_err(|error| unreadable(&self.path, &error.to_string()))?;
        Ok(format!("{name} (sha256:{digest})"))
    }
}

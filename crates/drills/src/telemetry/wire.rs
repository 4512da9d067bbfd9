//! The wire format of Protocol Buffers: fields one after the other, borrowed from the message.

use super::Unreadable;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
    /// A group of wire types 3 and 4, skipped.
    Group,
}

/// Reads the fields of one message.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of `message`.
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// The next field with its number; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Unreadable> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            3 => self.skip_group()?,
            kind => self.value(kind)?,
        };
        Ok(Some((key >> 3, value)))
    }

    fn value(&mut self, kind: u64) -> Result<Value<'a>, Unreadable> {
        match kind {
            0 => self.varint().map(Value::Varint),
            1 => self.array().map(|bytes| Value::Fixed64(u64::from_le_bytes(bytes))),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| Unreadable::Cut)?;
                self.take(length).map(Value::Bytes)
            }
            5 => self.array().map(|bytes| Value::Fixed32(u32::from_le_bytes(bytes))),
            _ => Err(Unreadable::NoWireType),
        }
    }

    /// Groups nest; a count of the open ones is all that skipping them needs.
    fn skip_group(&mut self) -> Result<Value<'a>, Unreadable> {
        let mut open = 1_usize;
        while open > 0 {
            match self.varint()? & 7 {
                3 => open += 1,
                4 => open -= 1,
                kind => {
                    self.value(kind)?;
                }
            }
        }
        Ok(Value::Group)
    }

    /// Base 128, least significant first; bits beyond 64 are dropped, as all readers do.
    fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0_u64;
        for index in 0..10 {
            let (byte, rest) = self.0.split_first().ok_or(Unreadable::Cut)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unreadable::Number)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unreadable::Cut)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Unreadable::Cut)?;
        self.0 = rest;
        Ok(*taken)
    }
}

impl<'a> Value<'a> {
    /// The bytes of field `number`.
    pub(super) fn bytes(self, number: u64) -> Result<&'a [u8], Unreadable> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Unreadable::WireType(number)),
        }
    }

    /// The text of field `number`; bytes that are not UTF-8 are replaced.
    pub(super) fn text(self, number: u64) -> Result<String, Unreadable> {
        self.bytes(number).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The whole number of field `number`, however it is written.
    pub(super) fn number(self, number: u64) -> Result<u64, Unreadable> {
        match self {
            Self::Varint(value) | Self::Fixed64(value) => Ok(value),
            Self::Fixed32(value) => Ok(u64::from(value)),
            _ => Err(Unreadable::WireType(number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(message: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Unreadable> {
        let mut fields = Fields::of(message);
        std::iter::from_fn(|| fields.next().transpose()).collect()
    }

    #[test]
    fn fields_of_all_wire_types_are_read_and_groups_skipped() {
        let message = [
            &[0x08, 0x96, 0x01][..],
            &[0x11, 1, 0, 0, 0, 0, 0, 0, 0],
            &[0x1a, 2, b'h', b'i'],
            &[0x23, 0x2b, 0x08, 1, 0x2c, 0x24],
            &[0x2d, 7, 0, 0, 0],
        ]
        .concat();
        let expected = [
            (1, Value::Varint(150)),
            (2, Value::Fixed64(1)),
            (3, Value::Bytes(b"hi")),
            (4, Value::Group),
            (5, Value::Fixed32(7)),
        ];
        assert_eq!(all(&message).unwrap(), expected);
    }

    #[test]
    fn what_is_cut_or_makes_no_sense_is_refused() {
        assert_eq!(all(&[0x08]), Err(Unreadable::Cut));
        assert_eq!(all(&[0x1a, 5, b'h']), Err(Unreadable::Cut));
        assert_eq!(all(&[0x23, 0x08, 1]), Err(Unreadable::Cut));
        assert_eq!(all(&[0x0e, 1]), Err(Unreadable::NoWireType));
        assert_eq!(all(&[0x80; 11]), Err(Unreadable::Number));
    }
}

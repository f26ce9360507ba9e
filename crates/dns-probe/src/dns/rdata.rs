//! The data of one record: taken out of a message by the shape of its type.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::BinDecoder;

use super::message::{Malformed, bytes_of};
use super::record_type::{Class, RecordType, Shape};

/// The data of a record, field by field, or as plain bytes for a type of unknown shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rdata {
    Fields(Vec<Field>),
    Bytes(Vec<u8>),
}

/// One field with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    U8(u8),
    U16(u16),
    U32(u32),
    Name(Name),
    Text(Vec<u8>),
    Tag(Vec<u8>),
    LongText(Vec<u8>),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
    Hex(Vec<u8>),
    Base64(Vec<u8>),
    Type(RecordType),
    Time(u32),
    Types(Vec<u8>),
    Salt(Vec<u8>),
    Base32(Vec<u8>),
}

impl Rdata {
    /// Reads `length` bytes of data from where `decoder` stands, and moves it behind them.
    pub(crate) fn read(
        decoder: &mut BinDecoder<'_>,
        length: usize,
        rtype: RecordType,
        class: Class,
    ) -> Result<Self, Malformed> {
        let end = decoder.index() + length;
        if decoder.len() < length {
            return Err(Malformed::CutShort);
        }
        let Some(shape) = rtype.shape(class) else {
            return Ok(Self::Bytes(bytes_of(decoder, length)?));
        };
        let mut fields = Vec::with_capacity(shape.len());
        for part in shape {
            read_field(decoder, end, *part, &mut fields)?;
        }
        if decoder.index() != end {
            return Err(Malformed::CutShort);
        }
        Ok(Self::Fields(fields))
    }

    /// The data as sent, names written out in full.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Fields(fields) => {
                let mut bytes = Vec::new();
                fields.iter().for_each(|field| field.write(&mut bytes));
                bytes
            }
        }
    }
}

impl Field {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::U8(n) => out.push(*n),
            Self::U16(n) | Self::Type(RecordType(n)) => out.extend(n.to_be_bytes()),
            Self::U32(n) | Self::Time(n) => out.extend(n.to_be_bytes()),
            Self::Name(name) => write_name(name, out),
            Self::Text(text) | Self::Tag(text) | Self::Salt(text) | Self::Base32(text) => {
                // It was read with a length of one byte, so it has one.
                out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
                out.extend(text);
            }
            Self::Ipv4(ip) => out.extend(ip.octets()),
            Self::Ipv6(ip) => out.extend(ip.octets()),
            Self::LongText(b) | Self::Hex(b) | Self::Base64(b) | Self::Types(b) => out.extend(b),
        }
    }
}

/// A name as sent, without compression.
pub(crate) fn write_name(name: &Name, out: &mut Vec<u8>) {
    for label in name.iter() {
        // A name holds labels of at most 63 bytes.
        out.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
        out.extend(label);
    }
    out.push(0);
}

fn read_field(
    decoder: &mut BinDecoder<'_>,
    end: usize,
    shape: Shape,
    fields: &mut Vec<Field>,
) -> Result<(), Malformed> {
    let left = end
        .checked_sub(decoder.index())
        .ok_or(Malformed::CutShort)?;
    fields.push(match shape {
        Shape::U8 => Field::U8(array::<1>(decoder)?[0]),
        Shape::U16 => Field::U16(u16::from_be_bytes(array(decoder)?)),
        Shape::U32 => Field::U32(u32::from_be_bytes(array(decoder)?)),
        Shape::Time => Field::Time(u32::from_be_bytes(array(decoder)?)),
        Shape::Type => Field::Type(RecordType(u16::from_be_bytes(array(decoder)?))),
        Shape::Ipv4 => Field::Ipv4(Ipv4Addr::from(array::<4>(decoder)?)),
        Shape::Ipv6 => Field::Ipv6(Ipv6Addr::from(array::<16>(decoder)?)),
        Shape::Name => Field::Name(super::message::name(decoder)?),
        Shape::Text => Field::Text(counted(decoder)?),
        Shape::Tag => Field::Tag(counted(decoder)?),
        Shape::Salt => Field::Salt(counted(decoder)?),
        Shape::Base32 => Field::Base32(counted(decoder)?),
        Shape::LongText => Field::LongText(bytes_of(decoder, left)?),
        Shape::Hex => Field::Hex(bytes_of(decoder, left)?),
        Shape::Base64 => Field::Base64(bytes_of(decoder, left)?),
        Shape::Types => Field::Types(bytes_of(decoder, left)?),
        Shape::Texts => {
            while decoder.index() < end {
                fields.push(Field::Text(counted(decoder)?));
            }
            return if left == 0 {
                Err(Malformed::CutShort)
            } else {
                Ok(())
            };
        }
    });
    Ok(())
}

fn counted(decoder: &mut BinDecoder<'_>) -> Result<Vec<u8>, Malformed> {
    let [length] = array(decoder)?;
    bytes_of(decoder, usize::from(length))
}

fn array<const N: usize>(decoder: &mut BinDecoder<'_>) -> Result<[u8; N], Malformed> {
    bytes_of(decoder, N)?
        .try_into()
        .map_err(|_| Malformed::CutShort)
}

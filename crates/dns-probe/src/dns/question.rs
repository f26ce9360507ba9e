//! The query that is sent for a question.

use super::edns::Edns;
use super::message::{Flags, Question};
use super::rdata::write_name;

/// What goes into a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) id: u16,
    /// Bits of [`Flags`].
    pub(crate) bits: u16,
    /// The operation, 0 to 15.
    pub(crate) opcode: u8,
    pub(crate) question: Question,
    pub(crate) edns: Option<Edns>,
    /// Its cookie is one that a server gave, so that an answer without an OPT record is odd.
    pub(crate) expects_edns: bool,
}

impl Query {
    /// The message as sent.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let flags = Flags(self.bits | u16::from(self.opcode & 0xf) << 11);
        let mut bytes = Vec::with_capacity(64);
        let counts = [1, 0, 0, u16::from(self.edns.is_some())];
        bytes.extend(self.id.to_be_bytes());
        bytes.extend(flags.0.to_be_bytes());
        bytes.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
        write_name(&self.question.name, &mut bytes);
        bytes.extend(self.question.rtype.0.to_be_bytes());
        bytes.extend(self.question.class.0.to_be_bytes());
        if let Some(edns) = &self.edns {
            edns.write(&mut bytes);
        }
        bytes
    }
}

//! A fixed piece of memory that bytes flow through.

/// Bytes that were read and not yet used.
#[derive(Debug)]
pub struct Buffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buffer {
    /// Room for so many bytes.
    pub fn new(size: usize) -> Self {
        Self {
            bytes: vec![0; size].into_boxed_slice(),
            start: 0,
            end: 0,
        }
    }

    /// How many bytes it has room for.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// What is there.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub fn filled_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub fn is_full(&self) -> bool {
        self.len() == self.size()
    }

    /// Forgets the first bytes.
    pub fn consume(&mut self, length: usize) {
        self.start += length;
        debug_assert!(self.start <= self.end);
        if self.start >= self.end {
            self.clear();
        }
    }

    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// All that is free, in one piece.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.bytes[self.end..]
    }

    /// So many bytes of [`Buffer::space`] were written.
    pub fn filled_by(&mut self, length: usize) {
        self.end += length;
        debug_assert!(self.end <= self.size());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_always_one_piece() {
        let mut buffer = Buffer::new(100);
        buffer.space()[..3].copy_from_slice(b"abc");
        buffer.filled_by(3);
        buffer.consume(2);
        assert_eq!(buffer.space().len(), 99);
        assert_eq!(buffer.filled(), b"c");
        buffer.consume(1);
        assert!(buffer.is_empty());
        assert_eq!(buffer.space().len(), 100);
    }
}

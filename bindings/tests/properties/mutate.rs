//! Evidence, spoilt at random: most of it stays sound, so that what is spoilt is reached.

use proptest::prelude::*;
use proptest::sample::Index;

/// What happens to some bytes.
#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    Flip(Index, u8),
    Cut(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
    /// A little-endian number that is at the end of its range.
    Number(Index, u32),
    Truncate(Index),
}

/// What grammars turn on.
const WORDS: [&str; 14] = [
    "null",
    "-1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "\"",
    "[[[[",
    "{\"",
    ",",
    "}",
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "\u{feff}",
    "18446744073709551616",
];

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, size)| Mutation::Cut(at, size)),
        2 => (any::<Index>(), prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..40),
            proptest::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        ]).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (any::<Index>(), 1..400_usize).prop_map(|(at, size)| Mutation::Repeat(at, size)),
        2 => (any::<Index>(), proptest::sample::select(vec![
            0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX,
        ])).prop_map(|(at, number)| Mutation::Number(at, number)),
        1 => any::<Index>().prop_map(Mutation::Truncate),
    ]
}

pub(crate) fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    proptest::collection::vec(mutation(), 1..5)
}

pub(crate) fn mutated(bytes: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for mutation in mutations {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match mutation {
            Mutation::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Mutation::Cut(at, size) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + size));
            }
            Mutation::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Mutation::Repeat(at, size) => {
                let at = at.index(length);
                let piece = bytes[at..length.min(at + size)].to_vec();
                bytes.splice(at..at, piece);
            }
            Mutation::Number(at, number) => {
                for (byte, new) in bytes[at.index(length)..]
                    .iter_mut()
                    .zip(number.to_le_bytes())
                {
                    *byte = new;
                }
            }
            Mutation::Truncate(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

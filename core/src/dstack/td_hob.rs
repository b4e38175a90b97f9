//! The hand-off block list that the firmware gets: what RTMR0 says of a virtual machine's memory.

use alloc::vec::Vec;

use crate::bytes::{Measurement, sha384};

/// Where dstack's firmware (the variant before edk2 2025-05) keeps what the VMM writes for it, in
/// bytes: start and end of each accepted range, in ascending order.
///
/// Source: the TDVF metadata of dstack's `ovmf.fd`; dstack `dstack-mr/src/tdvf.rs`.
const ACCEPTED: [(u64, u64); 4] = [
    (0x80_0000, 0x80_6000),
    (0x80_9000, 0x80_b000),
    (0x80_b000, 0x80_d000),
    (0x81_0000, 0x82_0000),
];

/// Where the list itself is put.
const LIST: u64 = 0x80_9000;

/// From here to 4 GiB there is a hole for devices, in a machine with [`SPLIT`] bytes or more.
const LOW_END: u64 = 0x8000_0000;
const SPLIT: u64 = 0xb000_0000;
const HIGH_START: u64 = 0x1_0000_0000;

const RESOURCE: usize = 48;
const HAND_OFF: usize = 56;

#[derive(Clone, Copy)]
enum Kind {
    /// `EFI_RESOURCE_SYSTEM_MEMORY`.
    Accepted = 0,
    /// `EFI_RESOURCE_MEMORY_UNACCEPTED`.
    Unaccepted = 7,
}

/// The digest that a machine with so many bytes of memory extends RTMR0 with first: SHA-384 of the
/// hand-off block list. `None` for less memory than the firmware needs.
///
/// Source: UEFI PI specification, volume 3, HOBs; QEMU `hw/i386/tdvf-hob.c`; dstack
/// `dstack-mr/src/tdvf.rs`.
pub(crate) fn td_hob_digest(memory: u64) -> Option<Measurement> {
    let mut ranges = Vec::new();
    let mut at = 0;
    for (start, end) in ACCEPTED {
        if start > at {
            ranges.push((Kind::Unaccepted, at, start));
        }
        ranges.push((Kind::Accepted, start, end));
        at = end;
    }
    if memory <= at {
        return None;
    }
    if memory >= SPLIT {
        ranges.push((Kind::Unaccepted, at, LOW_END));
        let high = memory.checked_sub(LOW_END)?;
        ranges.push((Kind::Unaccepted, HIGH_START, HIGH_START.checked_add(high)?));
    } else {
        ranges.push((Kind::Unaccepted, at, memory));
    }
    let size = ranges.len().checked_mul(RESOURCE)?.checked_add(HAND_OFF)?;
    let end = LIST
        .checked_add(u64::try_from(size).ok()?)?
        .checked_add(8)?;
    let mut list = Vec::with_capacity(size);
    list.extend_from_slice(&1_u16.to_le_bytes());
    list.extend_from_slice(&56_u16.to_le_bytes());
    list.extend_from_slice(&[0; 4]);
    list.extend_from_slice(&9_u32.to_le_bytes());
    list.extend_from_slice(&[0; 36]);
    list.extend_from_slice(&end.to_le_bytes());
    for (kind, start, end) in ranges {
        list.extend_from_slice(&3_u16.to_le_bytes());
        list.extend_from_slice(&48_u16.to_le_bytes());
        list.extend_from_slice(&[0; 20]);
        list.extend_from_slice(&(kind as u32).to_le_bytes());
        list.extend_from_slice(&7_u32.to_le_bytes());
        list.extend_from_slice(&start.to_le_bytes());
        list.extend_from_slice(&end.checked_sub(start)?.to_le_bytes());
    }
    Some(sha384(&[&list]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const GIB: u64 = 1 << 30;

    #[test]
    fn digests_are_those_of_real_machines_and_of_dstacks_own_calculation() {
        // 2 and 64 GiB were measured by real machines, the others computed by dstack-mr.
        for (gib, expected) in [
            (
                1,
                "1055c9b9a1fc534e688560e2304e18c8597b7261818cf61fb163d40c130547309b750575947a4dcaedbdce4b8d0535f2",
            ),
            (
                2,
                "0b8772e5b0b41b83e6044a68397e02f49fb47066b4fbe4917ea2c45c64f323fdacbb37948f821ebaf8bc9c938ba8a749",
            ),
            (
                4,
                "5b684faf8d02a733945f821d9cdd170802e72103977acf66949c9382500283adc90cbec57f8e7653f8bee1cab83689de",
            ),
            (
                8,
                "2e070cda358b5aa00f27cca25c47381bb564f4be3a84d059805a73cbbde764ed8341f7e09915b5e7b370f9c08a743fbd",
            ),
            (
                16,
                "cd2312a0d87ef3c4a928df87088969a80b33d7bf3fc584bdde637b09ed808a8d821a56b78a13a6eb506db7578444abbe",
            ),
            (
                64,
                "8ae1e425351df7992c444586eff99d35af3b779aa2b0e981cb4b73bc5b279f2ade19b6a62a203fc3c3bbdaae80af596d",
            ),
        ] {
            assert_eq!(
                td_hob_digest(gib * GIB).unwrap().to_string(),
                expected,
                "{gib} GiB"
            );
        }
    }

    #[test]
    fn a_byte_of_memory_more_is_another_machine_and_too_little_is_none() {
        assert_ne!(td_hob_digest(2 * GIB), td_hob_digest(2 * GIB + 4096));
        for memory in [0, 0x80_0000, 0x82_0000] {
            assert_eq!(td_hob_digest(memory), None);
        }
        assert_eq!(td_hob_digest(u64::MAX), None);
    }
}

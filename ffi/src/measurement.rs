//! The registers of a quote.

use teeproof_core::{Measurements, SgxMeasurements, TdMeasurements};

/// A register of a quote, with its length in bytes. Those of the other kind of TEE are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofMeasurement {
    /// TDX: MRTD, 48 bytes.
    Mrtd = 1,
    /// TDX: RTMR0, 48 bytes.
    Rtmr0 = 2,
    /// TDX: RTMR1, 48 bytes.
    Rtmr1 = 3,
    /// TDX: RTMR2, 48 bytes.
    Rtmr2 = 4,
    /// TDX: RTMR3, 48 bytes.
    Rtmr3 = 5,
    /// TDX: MRSEAM, 48 bytes.
    MrSeam = 6,
    /// TDX: MRSIGNERSEAM, 48 bytes.
    MrSignerSeam = 7,
    /// TDX: MRCONFIGID, 48 bytes.
    MrConfigId = 8,
    /// TDX: MROWNER, 48 bytes.
    MrOwner = 9,
    /// TDX: MROWNERCONFIG, 48 bytes.
    MrOwnerConfig = 10,
    /// TDX: TEE_TCB_SVN, 16 bytes.
    TeeTcbSvn = 11,
    /// TDX 1.5: TEE_TCB_SVN_2, 16 bytes.
    TeeTcbSvn2 = 12,
    /// TDX: TDATTRIBUTES, 8 bytes.
    TdAttributes = 13,
    /// TDX: XFAM, 8 bytes.
    Xfam = 14,
    /// Both: REPORTDATA, 64 bytes.
    ReportData = 15,
    /// SGX: MRENCLAVE, 32 bytes.
    MrEnclave = 16,
    /// SGX: MRSIGNER, 32 bytes.
    MrSigner = 17,
    /// SGX: ATTRIBUTES, 16 bytes.
    Attributes = 18,
    /// SGX: ISVPRODID, 2 bytes, little-endian as in the quote.
    IsvProdId = 19,
    /// SGX: ISVSVN, 2 bytes, little-endian as in the quote.
    IsvSvn = 20,
}

impl TeeproofMeasurement {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Mrtd,
        Self::Rtmr0,
        Self::Rtmr1,
        Self::Rtmr2,
        Self::Rtmr3,
        Self::MrSeam,
        Self::MrSignerSeam,
        Self::MrConfigId,
        Self::MrOwner,
        Self::MrOwnerConfig,
        Self::TeeTcbSvn,
        Self::TeeTcbSvn2,
        Self::TdAttributes,
        Self::Xfam,
        Self::ReportData,
        Self::MrEnclave,
        Self::MrSigner,
        Self::Attributes,
        Self::IsvProdId,
        Self::IsvSvn,
    ];
}

/// The two numbers of an SGX report, as the bytes they are in the quote.
#[derive(Debug, Default)]
pub(crate) struct IsvNumbers {
    product: [u8; 2],
    version: [u8; 2],
}

impl IsvNumbers {
    pub(crate) const fn of(measurements: Option<&Measurements>) -> Self {
        match measurements {
            Some(Measurements::Sgx(sgx)) => Self {
                product: sgx.isv_prod_id.to_le_bytes(),
                version: sgx.isv_svn.to_le_bytes(),
            },
            _ => Self {
                product: [0; 2],
                version: [0; 2],
            },
        }
    }
}

/// The bytes of a register, if the quote has it.
pub(crate) fn bytes<'a>(
    which: TeeproofMeasurement,
    measurements: &'a Measurements,
    isv: &'a IsvNumbers,
) -> Option<&'a [u8]> {
    match measurements {
        Measurements::Tdx(td) => of_td(which, td),
        Measurements::Sgx(sgx) => of_sgx(which, sgx, isv),
    }
}

fn of_td(which: TeeproofMeasurement, td: &TdMeasurements) -> Option<&[u8]> {
    use TeeproofMeasurement as M;
    let [rtmr0, rtmr1, rtmr2, rtmr3] = &td.rtmr;
    Some(match which {
        M::Mrtd => td.mrtd.as_slice(),
        M::Rtmr0 => rtmr0.as_slice(),
        M::Rtmr1 => rtmr1.as_slice(),
        M::Rtmr2 => rtmr2.as_slice(),
        M::Rtmr3 => rtmr3.as_slice(),
        M::MrSeam => td.mr_seam.as_slice(),
        M::MrSignerSeam => td.mr_signer_seam.as_slice(),
        M::MrConfigId => td.mr_config_id.as_slice(),
        M::MrOwner => td.mr_owner.as_slice(),
        M::MrOwnerConfig => td.mr_owner_config.as_slice(),
        M::TeeTcbSvn => td.tee_tcb_svn.as_slice(),
        M::TeeTcbSvn2 => td.tee_tcb_svn2.as_ref()?.as_slice(),
        M::TdAttributes => td.td_attributes.as_slice(),
        M::Xfam => td.xfam.as_slice(),
        M::ReportData => td.report_data.as_slice(),
        M::MrEnclave | M::MrSigner | M::Attributes | M::IsvProdId | M::IsvSvn => return None,
    })
}

fn of_sgx<'a>(
    which: TeeproofMeasurement,
    sgx: &'a SgxMeasurements,
    isv: &'a IsvNumbers,
) -> Option<&'a [u8]> {
    use TeeproofMeasurement as M;
    Some(match which {
        M::MrEnclave => sgx.mr_enclave.as_slice(),
        M::MrSigner => sgx.mr_signer.as_slice(),
        M::Attributes => sgx.attributes.as_slice(),
        M::IsvProdId => &isv.product,
        M::IsvSvn => &isv.version,
        M::ReportData => sgx.report_data.as_slice(),
        _ => return None,
    })
}

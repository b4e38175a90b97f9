//! `teeproof-wasm-glue MODULE.wasm FOLDER NAME`: writes `NAME.js` and `NAME_bg.wasm` into a folder,
//! from the module that the compiler made. The same as `wasm-bindgen --target web`, in the one
//! version that fits.

#![forbid(unsafe_code)]

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder, name] = arguments.as_slice() else {
        bail!("usage: teeproof-wasm-glue MODULE.wasm FOLDER NAME");
    };
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(true)
                .generate(folder)
        })
        .with_context(|| format!("the glue of {module}"))
}

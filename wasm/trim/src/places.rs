//! The places of a module: the beginning of each function and, in functions of ours, what stands behind
//! each branching. They are numbered in the module's own order, which is the same at every reading.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use walrus::ir::{Call, Instr, InstrSeqId, Unreachable, Value, Visitor, dfs_in_order};
use walrus::{FunctionId, FunctionKind, InstrSeqBuilder, LocalFunction, Module, ValType};

/// By what a function of ours is known, if only by what it is generic over. What is not ours is kept or
/// dropped whole: it branches by sizes and digits, of which no examples have them all.
const OURS: &str = "teeproof_";

/// Kept or dropped whole even so: what sorts; what waits for WebCrypto, in whatever order; what reads
/// Intel's lists, which are longer than the forge's; and the headline, which has words for what Intel's
/// root alone can sign, where there is no such evidence that anybody may publish for each of them.
const WHOLE: [&str; 5] = [
    "::slice::sort::",
    "::btree::",
    "::webcrypto::",
    "::tcb::documents::",
    "::headline::headline",
];

/// Always kept: how memory is found depends on all that happened before.
const KEPT: &str = "dlmalloc";

struct Place {
    function: FunctionId,
    block: InstrSeqId,
    at: usize,
}

/// Calls the import `profile.ran` with its number at each place.
pub(crate) fn mark(module: &mut Module) -> Result<()> {
    let places = places(module)?;
    let tells = module.types.add(&[ValType::I32], &[]);
    let (ran, _) = module.add_import_func("profile", "ran", tells);
    // From the back, so that what is inserted moves no other place.
    for (number, place) in places.iter().enumerate().rev() {
        let number = i32::try_from(number).context("more places than numbers")?;
        block(module, place)?
            .instr_at(place.at, Call { func: ran })
            .const_at(place.at, Value::I32(number));
    }
    Ok(())
}

/// Ends at each place that is not among these.
pub(crate) fn trim(module: &mut Module, ran: &BTreeSet<usize>) -> Result<()> {
    let places = places(module)?;
    let last = ran.last().context("nothing ran")?;
    ensure!(*last < places.len(), "what ran is another module");
    for (number, place) in places.iter().enumerate().rev() {
        if !ran.contains(&number) {
            block(module, place)?.instr_at(place.at, Unreachable {});
        }
    }
    Ok(())
}

fn block<'a>(module: &'a mut Module, place: &Place) -> Result<InstrSeqBuilder<'a>> {
    match &mut module.funcs.get_mut(place.function).kind {
        FunctionKind::Local(function) => Ok(function.builder_mut().instr_seq(place.block)),
        _ => Err(anyhow::anyhow!("a place in a function that is not here")),
    }
}

/// All of them; those of one block one behind the other.
fn places(module: &Module) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let mut any = false;
    for (id, function) in module.funcs.iter_local() {
        let name = module.funcs.get(id).name.as_deref().unwrap_or("");
        if name.contains(KEPT) {
            continue;
        }
        let whole = WHOLE.iter().any(|whole| name.contains(whole));
        let ours = name.contains(OURS) && !whole;
        any |= ours;
        let place = |(block, at)| Place {
            function: id,
            block,
            at,
        };
        places.push(place((function.entry_block(), 0)));
        if ours {
            places.extend(inside(function).into_iter().map(place));
        }
    }
    ensure!(any, "no function of ours: the module has no names");
    Ok(places)
}

/// The beginning of each block, and what stands behind each branching.
fn inside(function: &LocalFunction) -> Vec<(InstrSeqId, usize)> {
    let entry = function.entry_block();
    let mut blocks = Blocks::default();
    dfs_in_order(&mut blocks, function, entry);
    let mut found = Vec::new();
    for block in blocks.0 {
        if block != entry {
            found.push((block, 0));
        }
        let behind = (1..).zip(&function.block(block).instrs);
        let behind = behind.filter(|(_, (instr, _))| branches(instr));
        found.extend(behind.map(|(at, _)| (block, at)));
    }
    found
}

const fn branches(instr: &Instr) -> bool {
    matches!(
        instr,
        Instr::Block(_) | Instr::BrIf(_) | Instr::IfElse(_) | Instr::Loop(_)
    )
}

#[derive(Default)]
struct Blocks(Vec<InstrSeqId>);

impl<'instr> Visitor<'instr> for Blocks {
    fn start_instr_seq(&mut self, block: &'instr walrus::ir::InstrSeq) {
        self.0.push(block.id());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::FunctionBuilder;

    /// A function of that name: an `if` of two arms, something behind it.
    fn module(name: &str) -> Module {
        let mut module = Module::default();
        let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
        function.name(name.to_owned());
        function
            .func_body()
            .i32_const(1)
            .if_else(
                None,
                |arm| {
                    arm.i32_const(2).drop();
                },
                |arm| {
                    arm.i32_const(3).drop();
                },
            )
            .i32_const(4)
            .drop();
        let id = function.finish(Vec::new(), &mut module.funcs);
        module.exports.add("f", id);
        module
    }

    /// What stands at the places of the one function, in a few words.
    fn written(module: &mut Module) -> Vec<String> {
        let bytes = module.emit_wasm();
        let module = Module::from_buffer(&bytes).unwrap();
        let (_, function) = module.funcs.iter_local().next().unwrap();
        let mut blocks = Blocks::default();
        dfs_in_order(&mut blocks, function, function.entry_block());
        let word = |instr: &Instr| match instr {
            Instr::Const(number) => format!("{:?}", number.value),
            Instr::Call(_) => "call".to_owned(),
            Instr::Unreachable(_) => "unreachable".to_owned(),
            Instr::IfElse(_) => "if".to_owned(),
            _ => "-".to_owned(),
        };
        let line = |block: &InstrSeqId| {
            let instrs = function.block(*block).instrs.iter();
            instrs.map(|(instr, _)| word(instr)).collect::<Vec<_>>()
        };
        blocks.0.iter().map(|block| line(block).join(" ")).collect()
    }

    #[test]
    fn each_arm_and_what_follows_is_a_place_of_its_own() {
        let mut marked = module("teeproof_core::f");
        mark(&mut marked).unwrap();
        assert_eq!(
            written(&mut marked),
            [
                "I32(0) call I32(1) if I32(1) call I32(4) -",
                "I32(2) call I32(2) -",
                "I32(3) call I32(3) -"
            ]
        );
    }

    #[test]
    fn what_did_not_run_ends() {
        let mut all = module("teeproof_core::f");
        let whole = written(&mut all);
        trim(&mut all, &(0..4).collect()).unwrap();
        assert_eq!(written(&mut all), whole);
        let mut one_arm = module("teeproof_core::f");
        trim(&mut one_arm, &[0, 1, 2].into()).unwrap();
        assert_eq!(
            written(&mut one_arm),
            ["I32(1) if I32(4) -", "I32(2) -", "unreachable"]
        );
    }

    #[test]
    fn what_is_not_ours_or_has_to_be_whole_is_one_place() {
        for name in ["alloc::f", "teeproof_bindings[0]::headline::headline"] {
            let mut module = module(name);
            let named = module.funcs.iter_local().next().map(|(id, _)| id).unwrap();
            let mut other = FunctionBuilder::new(&mut module.types, &[], &[]);
            other.name("teeproof_core::other".to_owned());
            let other = other.finish(Vec::new(), &mut module.funcs);
            module.exports.add("other", other);
            let whole = written(&mut module);
            trim(&mut module, &[0, 1].into()).unwrap();
            assert_eq!(written(&mut module), whole, "{name}");
            let places = places(&module).unwrap();
            let own = places.iter().filter(|place| place.function == named);
            assert_eq!(own.count(), 1, "{name}");
        }
    }

    #[test]
    fn what_fits_nothing_is_refused() {
        let refused = |result: Result<()>| result.unwrap_err().to_string();
        let mut nameless = module("");
        assert!(refused(mark(&mut nameless)).contains("no names"));
        let mut module = module("teeproof_core::f");
        assert!(refused(trim(&mut module, &[0, 4].into())).contains("another module"));
        assert!(refused(trim(&mut module, &BTreeSet::new())).contains("nothing ran"));
    }
}

//! Reads the text of an expression within limits.

use std::thread;

use cel::IdedExpr;
use cel::parser::PrattParser;

/// Longest expression, in bytes.
const LONGEST: usize = 4096;

/// Deepest nesting, of the text and of what it stands for.
pub(super) const DEEPEST: u16 = 32;

/// The parser recurses over what its own limit does not count, such as a row of signs.
const STACK_BYTES: usize = 16 << 20;

/// Parses `source` and hands the tree to `check`, both on a thread with a stack of its own; the
/// error says where in the expression it is.
pub(super) fn parse<T: Send>(
    source: &str,
    check: impl FnOnce(&IdedExpr) -> Result<T, String> + Send,
) -> Result<(IdedExpr, T), String> {
    if source.len() > LONGEST {
        return Err(format!("it has {} bytes, and {LONGEST} are the most", source.len()));
    }
    if brackets(source) > usize::from(DEEPEST) {
        return Err(format!("it is nested deeper than {DEEPEST}"));
    }
    thread::scope(|scope| {
        let work = || {
            let parser = PrattParser::new().max_recursion_depth(DEEPEST);
            let tree = parser.parse(source).map_err(|errors| first(&errors.errors))?;
            let checked = check(&tree)?;
            Ok((tree, checked))
        };
        thread::Builder::new()
            .name("expression".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| format!("no thread could be started to read it: {error}"))?
            .join()
            .map_err(|_| "it cannot be read".to_owned())?
    })
}

/// How deep the brackets nest outside of strings: the parser drops pairs that change nothing.
fn brackets(source: &str) -> usize {
    let (mut depth, mut deepest, mut quote) = (0_usize, 0, None);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn first(errors: &[cel::ParseError]) -> String {
    let Some(error) = errors.first() else { return "it cannot be read".to_owned() };
    let message = error.msg.trim_start_matches("Syntax error: ");
    match error.pos {
        (line @ 1.., column) => format!("line {line}, column {column} of it: {message}"),
        _ => message.to_owned(),
    }
}

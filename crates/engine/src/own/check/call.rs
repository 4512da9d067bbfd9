//! Calls and operators: the ones that may be used, and what they take.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};
use regex::{Regex, RegexBuilder};

use super::super::schema::{Base, REAL, TEXT, TRUTH, Type, WHOLE};
use super::{Check, expect, is_same, join, meant};

/// The functions that may be called.
const FUNCTIONS: [&str; 13] = [
    "all",
    "contains",
    "double",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
];

/// Most memory that a compiled pattern may take, in bytes.
const LARGEST_PATTERN: usize = 256 << 10;

impl Check {
    pub(super) fn call(&mut self, call: &CallExpr, depth: u16) -> Result<Type, String> {
        let mut of = Vec::new();
        for operand in call.target.as_deref().into_iter().chain(&call.args) {
            of.push(self.expression(operand, depth)?);
        }
        let name = call.func_name.as_str();
        match (name, call.target.is_some(), of.as_slice()) {
            (
                operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT,
                false,
                operands,
            ) => truths(operands),
            (operators::CONDITIONAL, false, &[condition, one, other]) => {
                expect(condition, TRUTH, "what stands before `?`")?;
                Ok(join(one, other))
            }
            (operators::EQUALS | operators::NOT_EQUALS, false, &[one, other]) => {
                compared(one, other)
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                false,
                &[one, other],
            ) => compared(one, other),
            (operators::ADD, false, &[one, other]) if is_result(call.args.first()) => {
                Ok(join(one, other))
            }
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                false,
                &[one, other],
            ) => reckoned(one, other),
            (operators::NEGATE, false, &[one]) => reckoned(one, one),
            (operators::INDEX, false, &[one, other]) => item(one, other),
            (operators::IN, false, &[one, other]) => held(one, other),
            ("size", _, &[one]) => sized(one),
            ("contains" | "startsWith" | "endsWith", true, &[one, other]) => {
                expect(one, TEXT, &format!("what `{name}` is asked of"))?;
                expect(other, TEXT, &format!("what `{name}` asks for"))?;
                Ok(TRUTH)
            }
            ("matches", true, &[one, _]) => {
                expect(one, TEXT, "what `matches` is asked of")?;
                self.pattern(call.args.first())
            }
            ("int" | "double" | "string", false, &[one]) => converted(name, one),
            _ => Err(refused(name)),
        }
    }

    /// A pattern is written out, so that no scanned text is ever compiled, and compiled once.
    fn pattern(&mut self, argument: Option<&IdedExpr>) -> Result<Type, String> {
        let Some(Expr::Literal(LiteralValue::String(text))) = argument.map(|it| &it.expr) else {
            return Err("the pattern of `matches` has to be written out".to_owned());
        };
        let text = text.inner();
        let pattern: Regex = RegexBuilder::new(text)
            .size_limit(LARGEST_PATTERN)
            .build()
            .map_err(|error| format!("`{text}` is no pattern: {error}"))?;
        self.learned.patterns.insert(text.to_owned(), pattern);
        Ok(TRUTH)
    }
}

fn refused(name: &str) -> String {
    let is_function = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_function {
        return "an operator in it cannot be used here".to_owned();
    }
    if FUNCTIONS.contains(&name) || name == "string" {
        return format!("`{name}` is called with the wrong number of arguments, or on nothing");
    }
    format!("there is no function `{name}`{}", meant(name, FUNCTIONS.into_iter()))
}

/// The list that `filter` and `map` collect; nothing else may be put together, so that nothing
/// grows beyond what is there.
fn is_result(operand: Option<&IdedExpr>) -> bool {
    matches!(operand.map(|it| &it.expr), Some(Expr::Ident(name)) if name.starts_with('@'))
}

fn truths(operands: &[Type]) -> Result<Type, String> {
    for of in operands {
        expect(*of, TRUTH, "what `&&`, `||` or `!` stands at")?;
    }
    Ok(TRUTH)
}

const fn is_number(base: Base) -> bool {
    matches!(base, Base::Whole | Base::Real)
}

fn compared(one: Type, other: Type) -> Result<Type, String> {
    let is_plain = |of: Type| of.lists == 0 && !matches!(of.base, Base::Texts | Base::Thing(_));
    let are_numbers = is_number(one.base) && is_number(other.base);
    if is_plain(one) && is_plain(other) && (are_numbers || is_same(one.base, other.base)) {
        return Ok(TRUTH);
    }
    Err(format!("a {} cannot be compared with a {}", one.words(), other.words()))
}

fn reckoned(one: Type, other: Type) -> Result<Type, String> {
    let fits = |base| is_number(base) || matches!(base, Base::Any);
    let are_plain = one.lists == 0 && other.lists == 0;
    if are_plain && fits(one.base) && fits(other.base) && is_same(one.base, other.base) {
        return Ok(join(one, other));
    }
    Err(format!(
        "a {} and a {} cannot be reckoned with: only two ints or two doubles can, and `double(…)` \
         makes one of the other",
        one.words(),
        other.words()
    ))
}

fn item(of: Type, at: Type) -> Result<Type, String> {
    match (of.lists, of.base) {
        (1.., base) => {
            expect(at, WHOLE, "the place in the list")?;
            Ok(Type { base, lists: of.lists - 1 })
        }
        (0, Base::Texts) => expect(at, TEXT, "the name in the map").map(|()| TEXT),
        _ => Err(format!("a {} has no items", of.words())),
    }
}

fn held(one: Type, other: Type) -> Result<Type, String> {
    let item = match (other.lists, other.base) {
        (1.., base) => Type { base, lists: other.lists - 1 },
        (0, Base::Texts) => TEXT,
        _ => return Err(format!("nothing is `in` a {}: ask `contains`", other.words())),
    };
    compared(one, item)
}

fn sized(of: Type) -> Result<Type, String> {
    if of.lists > 0 || matches!(of.base, Base::Text | Base::Texts) {
        return Ok(WHOLE);
    }
    Err(format!("a {} has no size", of.words()))
}

fn converted(name: &str, of: Type) -> Result<Type, String> {
    let is_plain =
        of.lists == 0 && (is_number(of.base) || matches!(of.base, Base::Text | Base::Any));
    match name {
        _ if !is_plain => Err(format!("`{name}` takes no {}", of.words())),
        "int" => Ok(WHOLE),
        "double" => Ok(REAL),
        _ => Ok(TEXT),
    }
}

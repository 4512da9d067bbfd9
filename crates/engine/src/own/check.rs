//! Checks an expression before it runs: every name exists, every operand fits, and what it can
//! cost is bounded. CEL's own evaluation checks none of this.

mod call;

use std::collections::{BTreeMap, BTreeSet};

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, Expr, ListExpr, LiteralValue, SelectExpr};
use facts::Subject;
use regex::Regex;

use super::parse::DEEPEST;
use super::schema::{Base, REAL, TEXT, TRUTH, Type, WHOLE};
use crate::nearest::distance;

/// How many of `all`, `exists`, `filter` and `map` may stand inside one another.
const MOST_NESTED: usize = 2;

/// What the check learned.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// The patterns of `matches`.
    pub(super) patterns: BTreeMap<String, Regex>,
    /// The facts that it stands on, beside those of its subject.
    pub(super) reads: BTreeSet<Subject>,
    /// The variables that it names.
    pub(super) variables: BTreeSet<String>,
}

/// Checks that `tree` is a condition over `variables`.
pub(super) fn check(tree: &IdedExpr, variables: &[(&str, Type)]) -> Result<Learned, String> {
    let names = variables.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect();
    let mut check = Check { names, nested: 0, learned: Learned::default() };
    let of = check.expression(tree, 0)?;
    expect(of, TRUTH, "it")?;
    Ok(check.learned)
}

struct Check {
    /// The names in scope, the innermost last.
    names: Vec<(String, Type)>,
    nested: usize,
    learned: Learned,
}

impl Check {
    fn expression(&mut self, tree: &IdedExpr, depth: u16) -> Result<Type, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested deeper than {DEEPEST}"));
        }
        let depth = depth + 1;
        match &tree.expr {
            Expr::Literal(literal) => self::literal(literal),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.field(select, depth),
            Expr::List(list) => self.list(list, depth),
            Expr::Call(call) => self.call(call, depth),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err("maps and messages cannot be written in it".to_owned())
            }
        }
    }

    fn name(&mut self, name: &str) -> Result<Type, String> {
        let found = self.names.iter().rev().find(|(known, _)| known == name);
        let Some((_, of)) = found else {
            let known = self.names.iter().map(|(name, _)| name.as_str());
            return Err(format!("there is no `{name}`{}", meant(name, known)));
        };
        self.learned.variables.insert(name.to_owned());
        Ok(*of)
    }

    fn field(&mut self, select: &SelectExpr, depth: u16) -> Result<Type, String> {
        let of = self.expression(&select.operand, depth)?;
        let name = select.field.as_str();
        let shape = match (of.lists, of.base) {
            (0, Base::Thing(shape)) => shape,
            (0, Base::Texts) => return Ok(if select.test { TRUTH } else { TEXT }),
            (0, Base::Any) => return Ok(Type::one(Base::Any)),
            _ => return Err(format!("`{name}` is asked of a {}, which has no fields", of.words())),
        };
        let fields = (shape.fields)();
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let meant = meant(name, fields.iter().map(|field| field.name));
            return Err(format!("a {} has no field `{name}`{meant}", shape.name));
        };
        self.learned.reads.extend(field.reads);
        match (select.test, field.is_optional) {
            (true, false) => Err(format!("`{name}` is always there: `has` says nothing of it")),
            (true, true) => Ok(TRUTH),
            (false, _) => Ok(field.of),
        }
    }

    fn list(&mut self, list: &ListExpr, depth: u16) -> Result<Type, String> {
        if !list.optional_indices.is_empty() {
            return Err("`?` cannot stand in a list".to_owned());
        }
        let mut of = Type::one(Base::Any);
        for item in &list.elements {
            of = join(of, self.expression(item, depth)?);
        }
        Ok(Type { lists: of.lists.saturating_add(1), ..of })
    }

    fn comprehension(&mut self, it: &ComprehensionExpr, depth: u16) -> Result<Type, String> {
        let range = self.expression(&it.iter_range, depth)?;
        let item = match (range.lists, range.base) {
            (1.., _) => Type { lists: range.lists - 1, ..range },
            (0, Base::Texts) => TEXT,
            (0, Base::Any) => range,
            _ => return Err(format!("items are asked of a {}, which is no list", range.words())),
        };
        if self.nested == MOST_NESTED {
            return Err(format!(
                "more than {MOST_NESTED} of `all`, `exists` … stand in one another"
            ));
        }
        let result = self.expression(&it.accu_init, depth)?;
        self.nested += 1;
        let outer = self.names.len();
        self.names.push((it.iter_var.clone(), item));
        self.names.push((it.accu_var.clone(), result));
        let step = self.expression(&it.loop_step, depth)?;
        if let Some((_, of)) = self.names.last_mut() {
            *of = join(result, step);
        }
        let of = self.expression(&it.result, depth)?;
        self.names.truncate(outer);
        self.nested -= 1;
        Ok(of)
    }
}

fn literal(literal: &LiteralValue) -> Result<Type, String> {
    match literal {
        LiteralValue::Boolean(_) => Ok(TRUTH),
        LiteralValue::Double(_) => Ok(REAL),
        LiteralValue::Int(_) => Ok(WHOLE),
        LiteralValue::String(_) => Ok(TEXT),
        LiteralValue::Null => Err("nothing is ever `null`: ask `has(…)`".to_owned()),
        LiteralValue::UInt(_) | LiteralValue::Bytes(_) => {
            Err("unsigned numbers and bytes cannot be written in it".to_owned())
        }
    }
}

/// The type of what is one or the other.
fn join(one: Type, other: Type) -> Type {
    match (one.base, other.base) {
        (Base::Any, _) if one.lists <= other.lists => other,
        (_, Base::Any) if other.lists <= one.lists => one,
        _ if one.lists == other.lists && is_same(one.base, other.base) => one,
        _ => Type::one(Base::Any),
    }
}

fn is_same(one: Base, other: Base) -> bool {
    match (one, other) {
        (Base::Any, _) | (_, Base::Any) => true,
        (Base::Thing(one), Base::Thing(other)) => one.name == other.name,
        (one, other) => std::mem::discriminant(&one) == std::mem::discriminant(&other),
    }
}

fn expect(of: Type, wanted: Type, what: &str) -> Result<(), String> {
    if of.lists == wanted.lists && is_same(of.base, wanted.base) {
        return Ok(());
    }
    Err(format!("{what} is a {}, and has to be a {}", of.words(), wanted.words()))
}

/// "did you mean", or else what there is.
fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.filter(|known| !known.starts_with('@')).collect();
    let near = known.iter().map(|known| (distance(name, known), *known)).min();
    match near {
        Some((distance, near)) if distance <= 1 + name.len() / 4 => {
            format!(": did you mean `{near}`?")
        }
        _ => format!(": there is {}", known.join(", ")),
    }
}

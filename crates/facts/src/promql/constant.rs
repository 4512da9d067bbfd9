//! Arithmetic on constants, as burn-rate thresholds are written: `14.4 * (1 - 0.999)`.

use promql_parser::parser::token::{T_ADD, T_DIV, T_MOD, T_MUL, T_POW, T_SUB};
use promql_parser::parser::{BinaryExpr, Expr};

/// The number that `expr` stands for, where it holds constants only.
///
/// Its depth, and so the recursion, is bounded by the guard.
pub(super) fn value_of(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => value_of(&paren.expr),
        Expr::Unary(unary) => value_of(&unary.expr).map(|value| -value),
        Expr::Binary(binary) => reckon(binary),
        _ => None,
    }
}

fn reckon(binary: &BinaryExpr) -> Option<f64> {
    let (left, right) = (value_of(&binary.lhs)?, value_of(&binary.rhs)?);
    Some(match binary.op.id() {
        T_ADD => left + right,
        T_SUB => left - right,
        T_MUL => left * right,
        T_DIV => left / right,
        T_MOD => left % right,
        T_POW => left.powf(right),
        _ => return None,
    })
}

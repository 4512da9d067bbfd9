//! What is looked at before an expression reaches the parser.
//!
//! The parser builds a tree as deep as the expression has parentheses and operators, panics at
//! durations beyond what a clock holds, and compiles each regular expression. The guard bounds
//! the first two and puts `!=""` for the third, which asks for a value as nearly all of them do,
//! so that every file is read in time linear in its size, on a small stack.

/// Bytes that an expression may have.
const MAX_BYTES: usize = 64 << 10;

/// Parentheses that may stand inside one another.
const MAX_NESTING: usize = 100;

/// Operators, and selectors of ranges, that an expression may have.
const MAX_OPERATORS: usize = 500;

/// Characters of a number that stands for seconds.
const MAX_SECONDS_DIGITS: usize = 12;

/// The expression as the parser may see it, else why it is not judged.
pub(super) fn guard(expression: &str) -> Result<String, String> {
    if expression.len() > MAX_BYTES {
        return Err(format!("the expression has more than {MAX_BYTES} bytes"));
    }
    let mut guard = Guard { out: String::with_capacity(expression.len()), ..Guard::default() };
    let mut rest = expression;
    while let Some(token) = next_token(rest) {
        rest = rest.get(token.len()..).unwrap_or_default();
        guard.pass(token)?;
    }
    Ok(guard.out)
}

/// The language that an expression, which is not valid PromQL for `reason`, may be right in.
pub(super) fn other_language(expression: &str, reason: &str) -> Option<&'static str> {
    let mut rest = expression;
    let mut outside = String::new();
    while let Some(token) = next_token(rest) {
        rest = rest.get(token.len()..).unwrap_or_default();
        if !token.starts_with(['"', '\'', '`', '#']) {
            outside.push_str(token);
        }
    }
    let has = |signs: &[&str]| signs.iter().any(|sign| outside.contains(sign));
    if has(&["{{", "$", "[[", "%{", "{%"]) || is_placeholder(&outside) {
        Some("the expression holds a template")
    } else if has(&["|"]) {
        Some("the expression seems to be LogQL")
    } else if reason.starts_with("unknown function") {
        Some("the expression calls a function that PromQL does not have")
    } else {
        None
    }
}

/// Whether something like `<threshold>` stands in the text.
fn is_placeholder(text: &str) -> bool {
    text.split('<').skip(1).any(|after| {
        let name =
            after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
        name.len() < after.len() && name.starts_with('>')
    })
}

#[derive(Default)]
struct Guard<'t> {
    out: String,
    nesting: usize,
    operators: usize,
    is_in_brackets: bool,
    is_in_braces: bool,
    /// The token before, blanks and comments left out.
    before: &'t str,
    is_after_offset: bool,
}

impl<'t> Guard<'t> {
    fn pass(&mut self, token: &'t str) -> Result<(), String> {
        if is_blank(token) {
            self.out.push_str(token);
            return Ok(());
        }
        self.count(token)?;
        let is_duration = self.is_in_brackets || self.is_after_offset;
        if is_duration && token.split(':').any(is_beyond_clock) {
            return Err(format!("`{token}` is no sensible duration"));
        }
        self.is_after_offset = token.eq_ignore_ascii_case("offset")
            || (self.is_after_offset && matches!(token, "+" | "-"));
        let is_pattern = |token| self.is_in_braces && matches!(token, "=~" | "!~");
        let is_value = is_pattern(self.before) && token.starts_with(['"', '\'', '`']);
        self.out.push_str(match token {
            _ if is_value => "\"\"",
            _ if is_pattern(token) => "!=",
            _ => token,
        });
        self.before = token;
        Ok(())
    }

    fn count(&mut self, token: &str) -> Result<(), String> {
        match token {
            "(" => self.nesting += 1,
            ")" => self.nesting = self.nesting.saturating_sub(1),
            "{" => self.is_in_braces = true,
            "}" => self.is_in_braces = false,
            "[" => {
                self.is_in_brackets = true;
                self.operators += 1;
            }
            "]" => self.is_in_brackets = false,
            _ if !self.is_in_braces && is_operator(token) => self.operators += 1,
            _ => {}
        }
        if self.nesting > MAX_NESTING {
            return Err(format!("more than {MAX_NESTING} parentheses stand inside one another"));
        }
        if self.operators > MAX_OPERATORS {
            return Err(format!("the expression has more than {MAX_OPERATORS} operators"));
        }
        Ok(())
    }
}

fn is_operator(token: &str) -> bool {
    token.starts_with(|c| "+-*/%^=<>!".contains(c))
        || ["and", "or", "unless", "atan2"].iter().any(|word| token.eq_ignore_ascii_case(word))
}

fn is_blank(token: &str) -> bool {
    token.starts_with(|c: char| c == '#' || c.is_whitespace())
}

/// Whether a number in the place of a duration may be more seconds than a clock holds.
fn is_beyond_clock(token: &str) -> bool {
    if !token.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let is_plain = token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let has_unit = token.ends_with(|c| "smhdwy".contains(c)) && !token.contains(['x', 'X']);
    !(has_unit || is_plain && token.len() <= MAX_SECONDS_DIGITS)
}

/// The token at the start of `text`: a quoted text, a comment, blanks, a word or number, a sign.
fn next_token(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let length = match first {
        '"' | '\'' | '`' => quoted_length(text, first),
        '#' => text.find('\n').unwrap_or(text.len()),
        _ if first.is_whitespace() => run_length(text, char::is_whitespace),
        _ if is_word(first) => run_length(text, is_word),
        '=' | '!' | '<' | '>' => {
            let is_pair = text.get(1..).is_some_and(|rest| rest.starts_with(['=', '~']));
            if is_pair { 2 } else { 1 }
        }
        _ => first.len_utf8(),
    };
    text.get(..length)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')
}

fn run_length(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of the quoted text, to the end where its closing quote is missing.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote != '`' {
            is_escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Misread, read_query};
    use super::*;

    fn is_unjudged(expression: &str) -> bool {
        matches!(read_query(expression), Err(Misread::Unjudged(_)))
    }

    /// Runs `test` on a stack smaller than that of any thread that reads files.
    fn on_small_stack(test: fn()) {
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(test);
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn deep_and_long_expressions_do_not_overflow_the_stack() {
        on_small_stack(|| {
            for depth in [50, 99, 101, 30_000] {
                let parentheses = format!("{}x{} > 1", "(".repeat(depth), ")".repeat(depth));
                assert_eq!(is_unjudged(&parentheses), depth > 100, "{depth}");
                let calls = format!("{}x{} > 1", "abs(".repeat(depth), ")".repeat(depth));
                assert_eq!(is_unjudged(&calls), depth > 100 || calls.len() > MAX_BYTES);
            }
            for length in [400, 501, 30_000] {
                for link in ["+ 1 ", "or x ", "^ 1 ", "[5m:] "] {
                    let chain = format!("x {}", link.repeat(length));
                    assert_eq!(is_unjudged(&chain), length > 500, "{link} {length}");
                }
                let signs = format!("{}x > 1", "-".repeat(length));
                assert_eq!(is_unjudged(&signs), length > 500);
            }
        });
    }

    #[test]
    fn durations_beyond_any_clock_are_not_judged() {
        for wrong in [
            "x[1e300]",
            "rate(x[99999999999999999999])",
            "x offset 1e300",
            "x offset - 99999999999999999999",
            "max_over_time(x[5m:1e300])",
            "x[0xffffffffffffff]",
        ] {
            assert!(is_unjudged(wrong), "{wrong}");
        }
        assert!(read_query("rate(x[300]) > 1e300").is_ok());
    }

    #[test]
    fn regular_expressions_are_taken_out() {
        let guarded = guard("x{a=~\"(\\w{1000}){1000}\",b!~'y',c=~5,d=\"=~('\"} =~ \"z\"");
        assert_eq!(guarded.unwrap(), "x{a!=\"\",b!=\"\",c!=5,d=\"=~('\"} =~ \"z\"");
        assert!(read_query("{__name__=~\"a.*\"}").unwrap().metrics.is_empty());
    }

    #[test]
    fn signs_in_texts_and_comments_do_not_count() {
        let text = format!("x{{a=\"{}\"}} > 1 # {}", "(".repeat(200), "((+".repeat(300));
        assert!(read_query(&text).is_ok());
    }

    proptest! {
        #[test]
        fn no_expression_makes_the_reader_panic(
            expression in "([a-z:_]{1,8}|[0-9.eExs]{1,6}|[-+*/%^=<>!~(){}@,\\[\\]:$|# \"'`\\\\]| offset | and | by |rate\\(|\\[5m\\]|\\PC){0,40}",
        ) {
            let _ = read_query(&expression);
        }

        #[test]
        fn no_change_of_a_right_expression_makes_the_reader_panic(
            at in 0_usize..90,
            length in 0_usize..5,
            piece in "[-+(){}\\[\\]\"\\\\0-9eé]{0,4}",
        ) {
            let seed = "sum by (job) (rate(a_total{c=~\"5..\"}[5m:1m] offset 1d)) / 3.5e2 > bool 0x1f @ 5";
            let mut chars: Vec<char> = seed.chars().collect();
            let start = at.min(chars.len());
            let end = (start + length).min(chars.len());
            chars.splice(start..end, piece.chars());
            let _ = read_query(&chars.into_iter().collect::<String>());
        }
    }
}

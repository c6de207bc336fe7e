use super::{ExpressionFault, Order};

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Token<'text> {
    Name(&'text str),
    Number(f64),
    Order(Order),
    And,
    Or,
    Not,
    Open,
    Close,
    Comma,
    End,
}

/// Signs, the longer ones first.
const SIGNS: [(&str, Token<'static>); 12] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("<=", Token::Order(Order::LessOrEqual)),
    (">=", Token::Order(Order::GreaterOrEqual)),
    ("==", Token::Order(Order::Equal)),
    ("!=", Token::Order(Order::NotEqual)),
    ("<", Token::Order(Order::Less)),
    (">", Token::Order(Order::Greater)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
];

/// The token at the beginning of `text` behind blanks, and the bytes of both.
pub(super) fn token(text: &str) -> Result<(Token<'_>, usize, usize), ExpressionFault> {
    let rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
    let blanks = text.len() - rest.len();
    let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (token, length) = match (sign, rest.chars().next()) {
        (_, None) => (Token::End, 0),
        (Some((sign, token)), _) => (*token, sign.len()),
        (None, Some(first)) if first.is_ascii_alphabetic() || first == '_' => {
            let length = length_while(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            (Token::Name(&rest[..length]), length)
        }
        (None, Some(first)) if first.is_ascii_digit() || "+-.".contains(first) => {
            let length = length_of_number(rest);
            let text = &rest[..length];
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            let number = number.ok_or_else(|| fault(blanks, format!("`{text}` is no number")))?;
            (Token::Number(number), length)
        }
        (None, Some(other)) => return Err(fault(blanks, format!("`{other}` stands for nothing"))),
    };
    Ok((token, blanks, length))
}

/// `column` is counted from the beginning of what was looked at.
const fn fault(at: usize, message: String) -> ExpressionFault {
    ExpressionFault {
        column: at + 1,
        message,
    }
}

fn length_while(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// Digits, dots, and an exponent with its sign.
fn length_of_number(text: &str) -> usize {
    let sign = usize::from(text.starts_with(['+', '-']));
    let mantissa = sign + length_while(&text[sign..], |c| c.is_ascii_digit() || c == '.');
    let rest = &text[mantissa..];
    if !rest.starts_with(['e', 'E']) {
        return mantissa;
    }
    let sign = 1 + usize::from(rest[1..].starts_with(['+', '-']));
    mantissa + sign + length_while(&rest[sign..], |c| c.is_ascii_digit())
}

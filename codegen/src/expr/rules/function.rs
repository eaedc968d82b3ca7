//! The functions and attributes of the rules language: their names, types and letters in the table. Knows no rule set.

/// The type of a value in the rules language. Any value except a literal may be absent at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A string.
    String,
    /// A boolean.
    Boolean,
    /// A list of strings.
    StringList,
    /// A number; only literals have this type.
    Integer,
    /// The result of `aws.partition`.
    Partition,
    /// The result of `aws.parseArn`.
    Arn,
    /// The result of `parseURL`.
    Url,
    /// The type of an expression with a reported problem; accepted everywhere.
    Unknown,
}

impl Type {
    /// The type's name in problems.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "a boolean",
            Self::StringList => "a list of strings",
            Self::Integer => "a number",
            Self::Partition => "a partition",
            Self::Arn => "an ARN",
            Self::Url => "a URL",
            Self::Unknown => "unknown",
        }
    }

    /// The letter and type of an attribute that `getAttr` or `{name#attribute}` reads.
    pub(super) fn attribute(self, name: &str) -> Option<(char, Type)> {
        self.attributes().iter().find(|it| it.0 == name).map(|it| (it.1, it.2))
    }

    /// Every attribute of this type: name, letter, type.
    pub(super) fn attributes(self) -> &'static [(&'static str, char, Type)] {
        match self {
            Self::Partition => &[
                ("name", 'n', Self::String),
                ("dnsSuffix", 'd', Self::String),
                ("dualStackDnsSuffix", 'D', Self::String),
                ("implicitGlobalRegion", 'g', Self::String),
                ("supportsFIPS", 'f', Self::Boolean),
                ("supportsDualStack", 's', Self::Boolean),
            ],
            Self::Arn => &[
                ("partition", 'p', Self::String),
                ("service", 'v', Self::String),
                ("region", 'r', Self::String),
                ("accountId", 'a', Self::String),
                ("resourceId", 'R', Self::StringList),
            ],
            Self::Url => &[
                ("scheme", 'S', Self::String),
                ("authority", 'A', Self::String),
                ("path", 'P', Self::String),
                ("normalizedPath", 'N', Self::String),
                ("isIp", 'I', Self::Boolean),
            ],
            _ => &[],
        }
    }
}

/// What a function accepts as an argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum ArgumentType {
    /// A value of this type.
    Exactly(Type),
    /// A condition: a boolean, or a record that may be absent.
    Condition,
    /// A value of any type.
    Any,
}

impl ArgumentType {
    pub(super) fn accepts(self, ty: Type) -> bool {
        match self {
            _ if ty == Type::Unknown => true,
            Self::Exactly(expected) => expected == ty,
            Self::Condition => matches!(ty, Type::Boolean | Type::Partition | Type::Arn | Type::Url),
            Self::Any => true,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exactly(ty) => ty.name(),
            Self::Condition => "a condition",
            Self::Any => "a value",
        }
    }
}

/// A function of the rules language. `getAttr` is not among them, since its type depends on its arguments.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) letter: char,
    pub(super) arguments: &'static [ArgumentType],
    pub(super) result: Type,
}

const STRING: ArgumentType = ArgumentType::Exactly(Type::String);
const BOOLEAN: ArgumentType = ArgumentType::Exactly(Type::Boolean);
const INTEGER: ArgumentType = ArgumentType::Exactly(Type::Integer);

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "isSet", letter: 'i', arguments: &[ArgumentType::Any], result: Type::Boolean },
    Function { name: "not", letter: '!', arguments: &[ArgumentType::Condition], result: Type::Boolean },
    Function { name: "stringEquals", letter: '=', arguments: &[STRING, STRING], result: Type::Boolean },
    Function { name: "booleanEquals", letter: 'b', arguments: &[BOOLEAN, BOOLEAN], result: Type::Boolean },
    Function { name: "substring", letter: 'c', arguments: &[STRING, INTEGER, INTEGER, BOOLEAN], result: Type::String },
    Function { name: "uriEncode", letter: 'u', arguments: &[STRING], result: Type::String },
    Function { name: "parseURL", letter: 'l', arguments: &[STRING], result: Type::Url },
    Function { name: "isValidHostLabel", letter: 'h', arguments: &[STRING, BOOLEAN], result: Type::Boolean },
    Function { name: "aws.partition", letter: 'p', arguments: &[STRING], result: Type::Partition },
    Function { name: "aws.parseArn", letter: 'a', arguments: &[STRING], result: Type::Arn },
    Function {
        name: "aws.isVirtualHostableS3Bucket",
        letter: 'v',
        arguments: &[STRING, BOOLEAN],
        result: Type::Boolean,
    },
];

pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|it| it.name == name)
}

//! The functions and attributes of the rules language: names, types, and the letters that stand for them in the table.
//! Knows no rule set.

/// The type of a value in the rules language. Every one but literals may be absent at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A list of texts.
    StringList,
    /// A number; only literals are.
    Integer,
    /// The result of `aws.partition`.
    Partition,
    /// The result of `aws.parseArn`.
    Arn,
    /// The result of `parseURL`.
    Url,
    /// Of an expression already complained about: agrees with everything.
    Unknown,
}

impl Type {
    /// The type's name in complaints.
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

    /// The letter and type of an attribute, as `getAttr` and `{name#attribute}` reach it.
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

/// What an argument of a function must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Want {
    /// Of this type.
    Of(Type),
    /// Something that holds or does not: a boolean, or a record that may be absent.
    Truth,
    /// Anything.
    Any,
}

impl Want {
    pub(super) fn accepts(self, ty: Type) -> bool {
        match self {
            _ if ty == Type::Unknown => true,
            Self::Of(want) => want == ty,
            Self::Truth => matches!(ty, Type::Boolean | Type::Partition | Type::Arn | Type::Url),
            Self::Any => true,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Of(ty) => ty.name(),
            Self::Truth => "a condition",
            Self::Any => "a value",
        }
    }
}

/// A function of the rules language; `getAttr` is read apart, since its type depends on its arguments.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) letter: char,
    pub(super) arguments: &'static [Want],
    pub(super) result: Type,
}

const STRING: Want = Want::Of(Type::String);
const BOOLEAN: Want = Want::Of(Type::Boolean);
const INTEGER: Want = Want::Of(Type::Integer);

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "isSet", letter: 'i', arguments: &[Want::Any], result: Type::Boolean },
    Function { name: "not", letter: '!', arguments: &[Want::Truth], result: Type::Boolean },
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

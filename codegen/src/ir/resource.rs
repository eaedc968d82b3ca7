//! The decided resource crate: resources, and what can be done with each, as plain data. Knows neither JSON nor tokens.
//!
//! Every path of the model has become a [`Way`] over typed fields, every target of a parameter a [`Tree`] of literals.

use super::{Docs, Type};

/// A resource crate.
#[derive(Debug)]
pub struct Crate {
    /// The package's name, `aws-s3-resource`.
    pub package: String,
    /// The package of the client it stands on, `aws-s3`.
    pub client: String,
    /// The folder of the models it is generated from, `models/boto3/s3/2006-03-01`.
    pub origin: String,
    /// `Amazon Simple Storage Service`.
    pub full_name: String,
    /// The service itself: it has no identifiers and no attributes.
    pub root: Resource,
    /// The resources, in the order of the model.
    pub resources: Vec<Resource>,
    /// Whether hand-written code stands in `src/custom`.
    pub custom: bool,
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// The name in the model.
    pub name: String,
    /// The Rust type.
    pub ty: String,
    /// The file it stands in.
    pub module: String,
    /// What tells one from another, in the order of the constructor.
    pub identifiers: Vec<Identifier>,
    /// The attributes, if there are any.
    pub data: Option<Data>,
    /// How the attributes are fetched.
    pub load: Option<Action>,
    /// Methods that make a call.
    pub actions: Vec<Action>,
    /// Methods of collections of it.
    pub batches: Vec<Batch>,
    /// Methods that make other resources of identifiers.
    pub factories: Vec<Factory>,
    /// Methods that make other resources of attributes.
    pub references: Vec<Reference>,
    /// Methods that list other resources.
    pub collections: Vec<Collection>,
    /// What can be waited for.
    pub waiters: Vec<Waiter>,
    /// How members that are identifiers too can be read: method and identifier.
    pub aliases: Vec<(String, usize)>,
}

/// An identifier.
#[derive(Debug)]
pub struct Identifier {
    /// The name in the model.
    pub name: String,
    /// The field and its getter.
    pub ident: String,
    /// `String`, `i32` or `i64`.
    pub ty: Type,
    /// Whether it must not be shown.
    pub secret: bool,
}

/// A structure of the client crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whether it is an operation's own, not a shared type.
    pub own: bool,
    /// The Rust type.
    pub ty: String,
}

/// What a loaded resource holds.
#[derive(Debug)]
pub struct Data {
    /// Its type.
    pub place: Place,
    /// The getters.
    pub attributes: Vec<Attribute>,
}

/// A getter of a loaded resource.
#[derive(Debug)]
pub struct Attribute {
    /// Its name.
    pub method: String,
    /// The field of the data.
    pub ident: String,
    /// The field's type.
    pub ty: Type,
    /// Markdown.
    pub docs: Docs,
}

/// A method that makes a call.
#[derive(Debug)]
pub struct Action {
    /// Its name.
    pub method: String,
    /// The request.
    pub request: Request,
    /// The resources that the answer is turned into; the answer itself when absent.
    pub made: Option<Made>,
    /// Markdown.
    pub docs: Docs,
}

/// A method of collections.
#[derive(Debug)]
pub struct Batch {
    /// Its name.
    pub method: String,
    /// The request for many.
    pub request: Request,
    /// How many elements a request takes at most.
    pub most: usize,
    /// Markdown.
    pub docs: Docs,
}

/// A request with its input filled in.
#[derive(Debug)]
pub struct Request {
    /// The operation's type.
    pub operation: String,
    /// The client's method.
    pub method: String,
    /// The input's type.
    pub input: String,
    /// Fields that are filled in.
    pub fields: Vec<(String, Tree)>,
    /// Whether that is all fields.
    pub complete: bool,
    /// What the caller gives.
    pub arguments: Vec<Argument>,
    /// Whether attributes are needed to fill it in.
    pub loaded: bool,
}

/// What a caller gives.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub ident: String,
    /// The type it becomes.
    pub ty: Type,
}

/// A value that is filled in.
#[derive(Debug)]
pub enum Tree {
    /// An argument of the method.
    Argument(Argument),
    /// An identifier of the resource.
    Identifier {
        /// The field of the resource.
        ident: String,
        /// What it is.
        from: Type,
        /// What is wanted.
        to: Type,
    },
    /// An attribute of the loaded resource.
    Attribute {
        /// The way from the data.
        way: Way,
        /// What is wanted.
        to: Type,
    },
    /// A fixed value.
    Constant(Constant),
    /// A structure in `types`.
    Structure {
        /// Its type.
        ty: String,
        /// Fields that are filled in.
        fields: Vec<(String, Tree)>,
        /// Whether that is all fields.
        complete: bool,
    },
    /// A list of these.
    List(Vec<Tree>),
    /// A list with one of these for each element of the batch.
    Each(Box<Tree>),
    /// A present optional value.
    Present(Box<Tree>),
}

/// A fixed value.
#[derive(Debug)]
pub enum Constant {
    /// Text, or the value of an enumeration.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
}

/// The way from a structure to something inside.
#[derive(Debug, Clone)]
pub struct Way {
    /// The steps, in order; none means the structure itself.
    pub steps: Vec<Step>,
    /// What is there, when it is present.
    pub ty: Type,
}

/// A step of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a field.
    Field {
        /// Its name.
        ident: String,
        /// Whether it may be absent.
        optional: bool,
    },
    /// To every element of a list.
    Each,
    /// To one element of a list.
    At(usize),
}

/// Resources made of an answer, of a request or of attributes.
#[derive(Debug)]
pub struct Made {
    /// The Rust type of the resource.
    pub ty: String,
    /// The lists whose elements become one resource each, one after the other; a single resource when empty.
    pub lists: Vec<List>,
    /// For each identifier where it comes from; of resources made of lists, those of [`Source::Item`] are in the lists.
    pub identifiers: Vec<Source>,
    /// The way to the data of a single resource; it is not loaded when absent.
    pub data: Option<(Way, Conversion)>,
}

/// A list whose elements become resources.
#[derive(Debug)]
pub struct List {
    /// Whether it is the request's, not the answer's.
    pub of_request: bool,
    /// The way to its elements.
    pub way: Way,
    /// Identifiers that are found in an element, by their index.
    pub identifiers: Vec<(usize, Way)>,
    /// How an element becomes data; the resources are not loaded when absent.
    pub data: Option<Conversion>,
}

/// How a structure becomes the data of a resource.
#[derive(Debug)]
pub enum Conversion {
    /// It is the data.
    Same,
    /// Field by field.
    Fields {
        /// The data's type.
        place: Place,
        /// Fields and what must be done to each.
        fields: Vec<(String, Fit)>,
        /// Whether that is all fields.
        complete: bool,
    },
}

/// What must be done to a field that moves to another structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Nothing.
    Same,
    /// Absent lists become empty.
    OrEmpty,
    /// It becomes optional.
    Present,
}

/// Where an identifier comes from.
#[derive(Debug)]
pub enum Source {
    /// The parent's identifier.
    Parent(String),
    /// The answer, or the attributes.
    Answer(Way),
    /// The input that was sent; what is absent there stays as the parent has it, if it is named.
    Request(Way, Option<String>),
    /// The element of the list.
    Item,
    /// The caller.
    Argument(Argument),
}

/// A method that makes another resource of identifiers.
#[derive(Debug)]
pub struct Factory {
    /// Its name.
    pub method: String,
    /// The Rust type of the resource.
    pub ty: String,
    /// Where the identifiers come from: the parent or the caller.
    pub identifiers: Vec<Source>,
}

/// A method that makes other resources of attributes.
#[derive(Debug)]
pub struct Reference {
    /// Its name.
    pub method: String,
    /// The resources.
    pub made: Made,
}

/// A method that lists resources.
#[derive(Debug)]
pub struct Collection {
    /// Its name.
    pub method: String,
    /// The request.
    pub request: Request,
    /// Whether the answer comes in pages.
    pub paged: bool,
    /// The resources of a page.
    pub made: Made,
    /// Markdown.
    pub docs: Docs,
}

/// A method that waits.
#[derive(Debug)]
pub struct Waiter {
    /// Its name.
    pub method: String,
    /// The client's method.
    pub call: String,
    /// The request that is made until it succeeds.
    pub request: Request,
    /// The fields that are the arguments of the client's method; the others are set on the input.
    pub positional: Vec<String>,
}

impl Made {
    /// Whether the resources come with their data.
    pub fn is_loaded(&self) -> bool {
        self.data.is_some() || self.lists.iter().any(|it| it.data.is_some())
    }
}

//! The intermediate representation of a resource crate: the resources and the methods of each, as plain data. Knows
//! neither JSON nor tokens.
//!
//! Every path of the model has become a [`FieldPath`] over typed fields, every target of a parameter an [`InputValue`].

use super::{Docs, Type};

/// A resource crate.
#[derive(Debug)]
pub struct Crate {
    /// The package's name, `aws-s3-resource`.
    pub package: String,
    /// The package of the client, `aws-s3`.
    pub client: String,
    /// The folder of the models from which it is generated, `models/boto3/s3/2006-03-01`.
    pub origin: String,
    /// `Amazon Simple Storage Service`.
    pub full_name: String,
    /// The service resource, which has no identifiers and no attributes.
    pub root: Resource,
    /// The resources, in the order of the model.
    pub resources: Vec<Resource>,
    /// Whether the crate has hand-written code in `src/custom`.
    pub custom: bool,
    /// The lists in the outputs of batch actions, which say what became of each element.
    pub batch_outputs: Vec<BatchOutput>,
}

/// The lists in the output of a batch action.
#[derive(Debug)]
pub struct BatchOutput {
    /// The output's type.
    pub ty: String,
    /// The lists: a method for each.
    pub lists: Vec<Attribute>,
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// The name in the model.
    pub name: String,
    /// The Rust type.
    pub ty: String,
    /// The module, also the name of the file.
    pub module: String,
    /// The identifiers, in the order of the constructor's arguments.
    pub identifiers: Vec<Identifier>,
    /// The attributes, if there are any.
    pub data: Option<Data>,
    /// The action that fetches the attributes.
    pub load: Option<Action>,
    /// Methods that send a request.
    pub actions: Vec<Action>,
    /// Methods of collections of this resource, which act on all elements.
    pub batches: Vec<Batch>,
    /// Methods that create other resources from identifiers (boto3's sub-resources).
    pub factories: Vec<Factory>,
    /// Methods that create other resources from attributes.
    pub references: Vec<Reference>,
    /// Methods that list other resources.
    pub collections: Vec<Collection>,
    /// Methods that wait for a state of the resource.
    pub waiters: Vec<Waiter>,
    /// Getters of identifiers under the name of the response's member: method, and index of the identifier.
    pub aliases: Vec<(String, usize)>,
    /// The note of a deprecated resource.
    pub deprecated: Option<String>,
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
    /// Whether `Debug` must not print it.
    pub secret: bool,
}

/// A structure of the client crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientStructure {
    /// Whether it is an operation's input or output (module `operation`), not a shared type (module `types`).
    pub of_operation: bool,
    /// The Rust type.
    pub ty: String,
}

/// The attributes of a loaded resource.
#[derive(Debug)]
pub struct Data {
    /// The structure that holds them.
    pub structure: ClientStructure,
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
    /// The documentation.
    pub docs: Docs,
}

/// A method that sends a request.
#[derive(Debug)]
pub struct Action {
    /// Its name.
    pub method: String,
    /// The request.
    pub request: Request,
    /// The resources that the method returns. If absent, it returns the client's request, and so the response.
    pub resources: Option<ResourceSource>,
    /// Whether there may be no resource after a success, since its identifier is a parameter that need not be set.
    pub optional: bool,
    /// The documentation.
    pub docs: Docs,
}

/// A method of collections that acts on all elements.
#[derive(Debug)]
pub struct Batch {
    /// Its name.
    pub method: String,
    /// The request for several elements.
    pub request: Request,
    /// The maximum number of elements in one request.
    pub max_elements: usize,
    /// The identifiers that a request has once, so that all its elements must have the same.
    pub shared: Vec<String>,
    /// The documentation.
    pub docs: Docs,
}

/// A request whose input is filled in.
#[derive(Debug)]
pub struct Request {
    /// The operation's type.
    pub operation: String,
    /// The client's method.
    pub client_method: String,
    /// The input's type.
    pub input: String,
    /// The fields that are filled in.
    pub fields: Vec<(String, InputValue)>,
    /// The arguments of the method.
    pub arguments: Vec<Argument>,
    /// The required fields that are neither filled in nor arguments.
    pub also_required: Vec<String>,
    /// Whether attributes are needed to fill it in, so that only a loaded resource has the method.
    pub needs_attributes: bool,
    /// Whether a list or structure is filled in, to which what the caller sets is added.
    pub fills_containers: bool,
    /// The lists, by their names in the model, all of whose elements get the members that are filled in.
    pub each: Vec<String>,
}

/// An argument of a method.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub ident: String,
    /// The type to which it is converted: that of the field, or of the identifier.
    pub ty: Type,
}

/// A value that is filled in to an input.
#[derive(Debug)]
pub enum InputValue {
    /// An argument of the method.
    Argument(Argument),
    /// An argument of a batch action, which each of its requests gets.
    ArgumentOfAll(Argument),
    /// An identifier of the resource.
    Identifier {
        /// The field of the resource.
        ident: String,
        /// The type of the identifier.
        from: Type,
        /// The type of the field to fill in.
        to: Type,
    },
    /// An attribute of the loaded resource.
    Attribute {
        /// The path from the data to the attribute.
        path: FieldPath,
        /// The type of the field to fill in.
        to: Type,
    },
    /// A constant.
    Constant(Constant),
    /// A structure in `types`.
    Structure {
        /// Its type.
        ty: String,
        /// The fields that are filled in.
        fields: Vec<(String, InputValue)>,
    },
    /// A list of these values.
    List(Vec<InputValue>),
    /// A list with one value for each element of the batch.
    PerElement(Box<InputValue>),
    /// The value of a field that is an `Option`.
    Present(Box<InputValue>),
    /// The value of a field that is a list or a map.
    Collected(Box<InputValue>),
}

/// A constant.
#[derive(Debug)]
pub enum Constant {
    /// A string, or the value of an enumeration.
    String(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

/// A path from a structure to a value inside.
#[derive(Debug, Clone)]
pub struct FieldPath {
    /// The steps, in order; none means the structure itself.
    pub steps: Vec<Step>,
    /// The type of the value, without `Option`.
    pub ty: Type,
}

/// A step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a field.
    Field {
        /// Its name.
        ident: String,
        /// Whether it is an `Option`.
        optional: bool,
    },
    /// Into every element of a list.
    Each,
    /// Into one element of a list.
    Index(usize),
}

/// How resources are created from a response, a request or attributes.
#[derive(Debug)]
pub struct ResourceSource {
    /// The Rust type of the resource.
    pub ty: String,
    /// The lists whose elements become one resource each, concatenated. If empty, there is a single resource.
    pub lists: Vec<List>,
    /// The value of each identifier. The paths of [`IdentifierValue::Element`] are in the lists.
    pub identifiers: Vec<IdentifierValue>,
    /// The path to the data of a single resource. If absent, the resource is not loaded.
    pub data: Option<(FieldPath, Conversion)>,
}

/// A list whose elements become resources.
#[derive(Debug)]
pub struct List {
    /// Whether the list is in the request, not in the response.
    pub in_request: bool,
    /// The path to its elements.
    pub path: FieldPath,
    /// The paths of the identifiers that are found in an element, by the identifier's index.
    pub identifiers: Vec<(usize, FieldPath)>,
    /// How an element becomes data. If absent, the resources are not loaded.
    pub data: Option<Conversion>,
    /// A second list of scalars: there is a resource for each of its elements with each of this list.
    pub outer: Option<FieldPath>,
}

/// How a structure becomes the data of a resource.
#[derive(Debug)]
pub enum Conversion {
    /// The structure is the data.
    Same,
    /// Its fields move to another structure.
    Fields {
        /// The structure of the data.
        structure: ClientStructure,
        /// The fields, which have the same types in both.
        fields: Vec<String>,
    },
}

/// The value of an identifier of a new resource.
#[derive(Debug)]
pub enum IdentifierValue {
    /// An identifier of the parent.
    Parent(String),
    /// A value of the response, or an attribute.
    Response(FieldPath),
    /// A value of the input that was sent. If it is absent there: the parent's identifier of this name, if there is a
    /// name.
    Request(FieldPath, Option<String>),
    /// A value of the list's element.
    Element,
    /// An element of the list's outer list.
    Outer,
    /// A fixed value.
    Constant(String),
    /// An argument of the method.
    Argument(Argument),
}

/// A method that creates another resource from identifiers.
#[derive(Debug)]
pub struct Factory {
    /// Its name.
    pub method: String,
    /// The Rust type of the resource.
    pub ty: String,
    /// The values of the identifiers: identifiers of the parent, or arguments.
    pub identifiers: Vec<IdentifierValue>,
}

/// A method that creates other resources from attributes.
#[derive(Debug)]
pub struct Reference {
    /// Its name.
    pub method: String,
    /// The resources.
    pub resources: ResourceSource,
}

/// A method that lists resources.
#[derive(Debug)]
pub struct Collection {
    /// Its name.
    pub method: String,
    /// The request.
    pub request: Request,
    /// Whether the operation has a paginator.
    pub paged: bool,
    /// The resources of a page.
    pub resources: ResourceSource,
    /// The documentation.
    pub docs: Docs,
}

/// A method that waits.
#[derive(Debug)]
pub struct Waiter {
    /// Its name.
    pub method: String,
    /// The client's method.
    pub client_method: String,
    /// The request that is sent until the waiter ends.
    pub request: Request,
    /// The fields that are arguments of the client's method; the others are set on the input.
    pub positional: Vec<String>,
}

impl ResourceSource {
    /// Whether the resources are loaded.
    pub fn is_loaded(&self) -> bool {
        self.data.is_some() || self.lists.iter().any(|list| list.data.is_some())
    }
}

use secrecy::SecretString;

use crate::soap::tree::Node;

/// What a vCenter says when it refuses a call: SOAP 1.1 §4.4 with a fault of the vSphere API inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// `InvalidLogin`, `NoPermission`; `faultcode` where there is no detail.
    pub name: String,
    /// The vCenter's own sentence.
    pub text: String,
    /// `NoPermission`: the privilege that is missing.
    pub privilege: Option<String>,
    /// `NoPermission`, `ManagedObjectNotFound`: the object it is about.
    pub object: Option<String>,
    /// `InvalidArgument` and the like: what of the request is wrong (`spec.location.pool`).
    pub property: Option<String>,
}

/// Faults are quoted in messages, so they may not be endless.
const MAX_TEXT: usize = 1000;
/// Enough for [`Fault::without`] to find a secret that stands across the place where a message is cut.
const MAX_RAW: usize = 64 << 10;

impl Fault {
    pub fn read(node: Node<'_>) -> Self {
        let detail = node.child("detail").and_then(|it| it.children().next());
        let name = detail.map(fault_name).unwrap_or_else(|| node.get("faultcode"));
        let text = clip(node.get("faultstring").trim());
        let mut fault = Fault { name: clip(name), text, ..Fault::default() };
        if let Some(detail) = detail {
            fault.read_detail(detail);
        }
        fault
    }

    /// A fault that comes as a value: in `missingSet`, or of a task.
    pub fn read_value(node: Node<'_>) -> Self {
        // LocalizedMethodFault: the fault itself and the sentence for it.
        let inner = node.child("fault").unwrap_or(node);
        let text = clip(node.get("localizedMessage").trim());
        let mut fault = Fault { name: clip(fault_name(inner)), text, ..Fault::default() };
        fault.read_detail(inner);
        fault
    }

    /// As it may be told: without what was sent, and cut.
    pub fn without(self, secrets: &[SecretString]) -> Self {
        let clean = |text: String| cloud::without(&text, secrets).chars().take(MAX_TEXT).collect();
        let Fault { name, text, privilege, object, property } = self;
        Fault {
            name: clean(name),
            text: clean(text),
            privilege: privilege.map(clean),
            object: object.map(clean),
            property: property.map(clean),
        }
    }

    fn read_detail(&mut self, detail: Node<'_>) {
        let of_child = |name: &str| detail.child(name).map(|it| clip(it.text())).filter(|it| !it.is_empty());
        self.privilege = of_child("privilegeId").or_else(|| {
            // Since vSphere 7.0.3: missingPrivileges { entity, privilegeIds }.
            let missing = detail.child("missingPrivileges")?;
            missing.child("privilegeIds").map(|it| clip(it.text()))
        });
        self.object = of_child("object").or_else(|| of_child("obj"));
        self.property = of_child("invalidProperty").or_else(|| of_child("property"));
    }
}

fn fault_name<'a>(node: Node<'a>) -> &'a str {
    match node.value_type() {
        "" => node.name().strip_suffix("Fault").unwrap_or(node.name()),
        name => name,
    }
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_RAW).collect()
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.text.as_str() {
            "" => f.write_str(&self.name),
            text => write!(f, "{} ({})", text.trim_end_matches('.'), self.name),
        }
    }
}

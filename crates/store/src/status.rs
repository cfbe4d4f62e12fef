use crate::word::words;

words! {
    /// Of accounts, environments, users and API keys.
    pub enum Status {
        Active = "active",
        Inactive = "inactive",
    }
}

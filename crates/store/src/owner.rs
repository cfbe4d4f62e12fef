/// Where a thing belongs: to the installation, to an account, or to an environment. What is higher up is visible below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Owner {
    /// `None`: the installation.
    pub account_id: Option<i64>,
    /// `None`: the account, or the installation.
    pub environment_id: Option<i64>,
}

impl Owner {
    /// Whether what belongs to `other` is visible here.
    pub fn sees(self, other: Owner) -> bool {
        other.account_id.is_none_or(|it| self.account_id == Some(it))
            && other.environment_id.is_none_or(|it| self.environment_id == Some(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_higher_up_is_visible_below() {
        let owner = |account_id, environment_id| Owner { account_id, environment_id };
        let (installation, account, environment) = (owner(None, None), owner(Some(1), None), owner(Some(1), Some(2)));
        let all = [installation, account, environment];
        for (n, here) in all.iter().enumerate() {
            for (m, other) in all.iter().enumerate() {
                assert_eq!(here.sees(*other), m <= n, "{here:?} {other:?}");
            }
        }
        assert!(!environment.sees(owner(Some(1), Some(3))));
        assert!(!environment.sees(owner(Some(3), None)));
        assert!(!account.sees(owner(Some(3), None)));
    }
}

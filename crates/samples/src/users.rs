//! `userlist` sections: who may come in with which password.

pub mod crypt;

/// A section.
#[derive(Clone, Debug, Default)]
pub struct UserList {
    pub name: String,
    pub users: Vec<User>,
    /// The names of all groups.
    pub groups: Vec<String>,
}

/// One user.
#[derive(Clone, Debug)]
pub struct User {
    pub name: String,
    pub password: Password,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Password {
    /// `insecure-password`.
    Plain(String),
    /// `password`: a hash as crypt(3) writes it.
    Crypt(String),
    /// No password lets the user in.
    Never,
}

impl UserList {
    /// The groups of a user who gives the right password; `None`: who gives a wrong one, or is not known.
    pub fn admits(&self, name: &[u8], password: &[u8]) -> Option<&[String]> {
        let user = self
            .users
            .iter()
            .find(|user| user.name.as_bytes() == name)?;
        let right = match &user.password {
            Password::Plain(expected) => crypt::same(expected.as_bytes(), password),
            Password::Crypt(hash) => crypt::verify(hash, password),
            Password::Never => false,
        };
        right.then_some(&*user.groups)
    }
}

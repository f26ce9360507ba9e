//! The JSON schema of the front matter, for editors: made from the rows of the vocabulary.

use course::file::Form;
use course::file::vocabulary::{ASKED, CHECK, COURSE_TABLES, Key, NOT, TABLES, Table, WHAT};
use serde_json::{Map, Value, json};

pub(super) fn text() -> String {
    serde_json::to_string_pretty(&schema()).expect("plain values")
}

fn schema() -> Value {
    let mut definitions = Map::new();
    for table in TABLES.iter().filter(|table| !table.name.is_empty()) {
        definitions.insert(table.name.to_owned(), object(table));
    }
    for table in COURSE_TABLES.iter().filter(|table| !table.name.is_empty()) {
        definitions.insert(table.name.to_owned(), object(table));
    }
    definitions.insert("course".to_owned(), object(&COURSE_TABLES[0]));
    definitions.insert("condition".to_owned(), condition(&[]));
    definitions.insert("saying".to_owned(), saying());
    definitions.insert("check".to_owned(), condition(CHECK));
    let mut schema = object(&TABLES[0]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("front matter of a lab file; course.toml: #/$defs/course");
    schema["$defs"] = Value::Object(definitions);
    schema
}

fn object(table: &Table) -> Value {
    let keys: Vec<&Key> = table.keys.iter().copied().flatten().collect();
    object_of(&keys)
}

fn object_of(keys: &[&Key]) -> Value {
    let property = |key: &&Key| {
        let mut property = value(key.form);
        property["description"] = json!(key.about);
        (key.name.to_owned(), property)
    };
    let needed: Vec<&str> = keys
        .iter()
        .filter(|key| key.needed)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "properties": Value::Object(keys.iter().map(property).collect()),
        "required": needed,
        "additionalProperties": false,
    })
}

/// One form for each value of `what`.
fn condition(also: &'static [Key]) -> Value {
    let forms = WHAT.iter().map(|term| {
        let keys: Vec<&Key> = ASKED
            .iter()
            .chain(NOT)
            .chain(also)
            .chain(term.keys)
            .collect();
        let mut form = object_of(&keys);
        form["description"] = json!(term.asks);
        form["properties"]["what"] = json!({ "const": term.name });
        form
    });
    json!({ "oneOf": forms.collect::<Vec<_>>() })
}

/// What the file says; that it is about the file need not be said.
fn saying() -> Value {
    let config = WHAT.iter().find(|term| term.name == "config");
    let own = config.into_iter().flat_map(|term| term.keys);
    let keys: Vec<&Key> = ASKED.iter().chain(NOT).chain(own).collect();
    let mut form = object_of(&keys);
    form["required"] = json!([]);
    form["properties"]["what"] = json!({ "const": "config" });
    form
}

fn value(form: Form) -> Value {
    let one_or_list = |one: Value| json!({ "anyOf": [one, { "type": "array", "items": one }] });
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match form {
        Form::Text | Form::Id => json!({ "type": "string", "minLength": 1 }),
        Form::Texts => one_or_list(json!({ "type": "string", "minLength": 1 })),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Yes => json!({ "const": true }),
        Form::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Form::Wholes => json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } }),
        Form::Number => json!({ "type": "number" }),
        Form::OneOf(words) => json!({ "enum": words() }),
        Form::SomeOf(words) => one_or_list(json!({ "enum": words() })),
        Form::Count => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^(>=|<=)?[0-9]+$" },
        ] }),
        Form::Server => json!({ "type": "string", "pattern": r"^(\*|echo|!?[A-Za-z0-9._-]+)$" }),
        Form::Since => json!({ "type": "string", "minLength": 1 }),
        Form::Time => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m)$" }),
        Form::Conditions => one_or_list(reference("condition")),
        Form::Sayings => one_or_list(reference("saying")),
        Form::Checks => one_or_list(reference("check")),
        Form::Tables(name) => json!({ "type": "array", "items": reference(name) }),
        Form::Table(name) => reference(name),
        Form::Either(forms) => {
            let forms: Vec<Value> = forms.iter().copied().map(value).collect();
            json!({ "anyOf": forms })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of the schema.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                let own = map.get("$ref").and_then(Value::as_str);
                found.extend(own.map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_has_a_definition() {
        let schema = schema();
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(found.len() > 5, "{found:?}");
        for reference in found {
            let path = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(path).is_some(), "{reference}");
        }
    }

    #[test]
    fn what_is_needed_is_required() {
        let schema = schema();
        let required = schema["required"].as_array().unwrap();
        assert!(required.contains(&json!("minutes")) && !required.contains(&json!("bridge")));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert!(
            schema["$defs"]["step"]["properties"]["kind"]["enum"]
                .as_array()
                .unwrap()
                .contains(&json!("quiz"))
        );
    }
}

//! JSON means in the tree what it means to other readers, read as JSON and read as YAML.

use gonogo_facts::tree::{Node, Value, read_json, read_yaml};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[a-zé\"\\\\/\n 😀~0-9:#-]{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Json::from),
            vec(("[a-zé \n]{0,4}", inner), 0..6)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

fn meaning(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(scalar) if scalar.is_null() => Json::Null,
        Value::Scalar(scalar) => match (scalar.bool(), scalar.int()) {
            (Some(truth), _) => truth.into(),
            (_, Some(whole)) => whole.into(),
            _ => scalar.text.clone().into(),
        },
        Value::Sequence(items) => items.iter().map(meaning).collect(),
        Value::Mapping(_) => Json::Object(
            node.entries().map(|(key, _, value)| (key.to_owned(), meaning(value))).collect(),
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_means_what_it_means_elsewhere(json in values(), is_pretty in any::<bool>()) {
        let text = if is_pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
        let text = text.unwrap();
        for read in [read_yaml(&"a".into(), &text), read_json(&"a".into(), &text)] {
            prop_assert_eq!(&read.troubles, &[], "{}", text);
            let meant = read.documents.first().map(|document| meaning(&document.root));
            prop_assert_eq!(meant.as_ref(), Some(&json), "{}", text);
        }
    }
}

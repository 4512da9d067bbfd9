//! Descriptions as they are found in repositories.

use proptest::prelude::*;

use crate::{Api, Facts, Operation, read, settle};

const ORDERS: &str = r##"openapi: 3.1.0
info:
  title: Orders
  version: "1"
servers: [{url: "https://orders.example"}]
security: [{bearer: []}]
paths:
  /orders:
    parameters:
      - $ref: "#/components/parameters/tenant"
    get:
      operationId: listOrders
      parameters:
        - {name: limit, in: query}
        - {name: X-Trace, in: header}
      responses:
        "200":
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Page"}
        default: {description: error}
    post:
      security: []
      responses: {"201": {description: made}}
  /orders/{id}:
    get:
      security: [{}, {bearer: []}]
      responses:
        "200":
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
  /tags:
    get:
      responses:
        "200": {content: {application/json: {schema: {type: [array, "null"]}}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  parameters:
    tenant: {name: tenant, in: query}
  schemas:
    Order: {properties: {id: {type: string}, items: {type: array}}}
    Page:
      allOf:
        - {properties: {total: {type: integer}}}
        - {properties: {orders: {$ref: "#/components/schemas/Orders"}}}
    Orders: {type: array, items: {$ref: "#/components/schemas/Order"}}
"##;

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.append(read(&(*path).into(), text.as_bytes()));
    }
    settle(&mut facts);
    facts
}

fn only(facts: &Facts) -> &Api {
    assert_eq!(facts.apis.len(), 1, "{facts:?}");
    &facts.apis[0]
}

fn operation<'a>(api: &'a Api, method: &str, path: &str) -> &'a Operation {
    api.operations.iter().find(|it| it.method == method && it.path == path).unwrap()
}

#[test]
fn a_description_is_read_with_places() {
    let facts = facts(&[("api/orders.yaml", ORDERS)]);
    let api = only(&facts);
    assert_eq!(facts.gaps, []);
    assert_eq!(api.place.to_string(), "api/orders.yaml:1:1");
    assert_eq!(api.version.value, "3.1.0");
    assert_eq!(api.title.as_ref().unwrap().place.to_string(), "api/orders.yaml:3:10");
    assert_eq!(api.servers[0].place.to_string(), "api/orders.yaml:5:17");
    assert_eq!(api.security_schemes[0].place.to_string(), "api/orders.yaml:37:5");
    assert!(api.has_global_security);
    assert_eq!(api.operations.len(), 4);
    let list = operation(api, "GET", "/orders");
    assert_eq!(list.place.to_string(), "api/orders.yaml:11:5");
    assert_eq!(list.id.as_deref(), Some("listOrders"));
    assert_eq!(list.query, ["tenant", "limit"]);
    assert_eq!(list.responses, ["200", "default"]);
}

#[test]
fn security_is_inherited_switched_off_or_asked_for() {
    let facts = facts(&[("a.yaml", ORDERS)]);
    let security = |method, path| operation(only(&facts), method, path).security;
    assert_eq!(security("GET", "/orders"), None);
    assert_eq!(security("POST", "/orders"), Some(false));
    assert_eq!(security("GET", "/orders/{id}"), Some(false));
}

#[test]
fn lists_are_told_from_things_that_hold_lists() {
    let facts = facts(&[("a.yaml", ORDERS)]);
    let is_list = |path| operation(only(&facts), "GET", path).answers_list;
    assert!(is_list("/orders") && is_list("/tags"));
    assert!(!is_list("/orders/{id}"));
}

#[test]
fn swagger_in_json_is_read_too() {
    let text = r##"{"swagger": "2.0", "host": "x.example", "basePath": "/v1", "schemes": ["http"],
 "securityDefinitions": {"key": {}},
 "paths": {"/pets": {"get": {"security": [{"key": []}], "responses": {"200": {"schema": {"$ref": "#/definitions/Pets"}}}}}},
 "definitions": {"Pets": {"items": {}}}}"##;
    let facts = facts(&[("swagger.json", text)]);
    let api = only(&facts);
    assert_eq!(api.servers[0].value, "http://x.example/v1");
    assert_eq!(api.security_schemes[0].value, "key");
    let pets = operation(api, "GET", "/pets");
    assert_eq!(pets.place.to_string(), "swagger.json:3:22");
    assert!(pets.answers_list && pets.security == Some(true) && !api.has_global_security);
}

#[test]
fn paths_in_files_of_their_own_are_followed_and_missing_ones_are_gaps() {
    let facts = facts(&[
        (
            "api/index.yaml",
            "openapi: 3.0.0\npaths:\n  /a: {$ref: ./paths/a.yaml}\n  /b: {$ref: ./paths/b.yaml}\n  \
             /c: {get: {parameters: [{$ref: 'common.yaml#/x'}]}}\n",
        ),
        ("api/paths/a.yaml", "get:\n  responses: {'200': {description: ok}}\n"),
    ]);
    let api = only(&facts);
    assert_eq!(operation(api, "GET", "/a").place.to_string(), "api/paths/a.yaml:1:1");
    assert_eq!(api.operations.len(), 2);
    let gaps: Vec<_> = facts.gaps.iter().map(|it| it.place.to_string()).collect();
    assert_eq!(gaps, ["api/index.yaml:4:14", "api/index.yaml:5:34"]);
}

#[test]
fn several_paths_of_one_file_are_followed_by_their_names() {
    let paths = "'/a':\n  get:\n    responses: {'200': {description: ok}}\n'/b/{id}':\n  $ref: 'inner/b.yaml#/item'\n";
    let item = "item:\n  parameters: [{$ref: '../../p.yaml#/Page'}]\n  post: {responses: {'201': {description: made}}}\n/z:\n  get: {responses: {}}\n";
    let facts = facts(&[
        (
            "api/index.yaml",
            "openapi: 3.0.0\npaths:\n  /a: {$ref: 'paths/all.yaml#/~1a'}\n  /b/{id}: {$ref: 'paths/all.yaml#/~1b~1{id}'}\n  \
             /c: {$ref: 'paths/all.yaml#/~1c'}\n",
        ),
        ("api/paths/all.yaml", paths),
        ("api/paths/inner/b.yaml", item),
        ("api/p.yaml", "Page:\r\n  name: page\r\n  in: query\r\n"),
    ]);
    let api = only(&facts);
    assert_eq!(operation(api, "GET", "/a").place.to_string(), "api/paths/all.yaml:2:3");
    assert_eq!(operation(api, "POST", "/b/{id}").place.to_string(), "api/paths/inner/b.yaml:3:3");
    assert_eq!(operation(api, "POST", "/b/{id}").query, ["page"]);
    assert_eq!((api.operations.len(), facts.gaps.len()), (2, 1));
}

#[test]
fn paths_that_stand_elsewhere_as_a_whole_are_a_gap() {
    let facts = facts(&[("a.yaml", "openapi: 3.0.0\npaths: {$ref: paths/_index.yaml}\n")]);
    assert_eq!((only(&facts).operations.len(), facts.gaps.len()), (0, 1));
}

#[test]
fn references_in_a_circle_come_to_an_end() {
    let facts = facts(&[(
        "a.yaml",
        "openapi: 3.0.0\npaths:\n  /a:\n    get:\n      responses:\n        200:\n          $ref: '#/components/responses/A'\n\
         components:\n  responses:\n    A: {$ref: '#/components/responses/A'}\n",
    )]);
    assert!(!only(&facts).operations[0].answers_list);
}

#[test]
fn other_files_are_no_descriptions() {
    for text in
        ["openapi: 3.0.0\n# paths\n", "get: {url: x}\nresponses:\n", "paths: {/a: {get: {}}}\n"]
    {
        assert_eq!(facts(&[("a.yaml", text)]).apis, [], "{text}");
    }
}

proptest! {
    #[test]
    fn changed_descriptions_never_make_the_reader_panic(
        at in 0_usize..1500,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|&*\"'#/~$, \n0-9a-zé]{0,6}",
    ) {
        let mut chars: Vec<char> = ORDERS.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        for operation in facts(&[("a.yaml", &text)]).apis.iter().flat_map(|api| &api.operations) {
            prop_assert!(operation.place.line as usize <= text.lines().count());
        }
    }
}

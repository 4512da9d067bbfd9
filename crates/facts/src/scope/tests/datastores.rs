//! Whose datastores are.

use super::*;

#[test]
fn a_datastore_nearer_to_software_of_others_belongs_to_no_service() {
    let (own, cache) = (deployment("cart", "example.org/cart"), deployment("cache", "redis:8"));
    let other = deployment("viewer", "grafana/grafana:13");
    let files = [
        ("apps/cart/deploy.yaml", &*own),
        ("tools/viewer/deploy.yaml", &*other),
        ("tools/cache/deploy.yaml", &*cache),
    ];
    assert_eq!(of_each(&files, datastores), ["cart: "]);
    let without = [files[0], files[2]];
    assert_eq!(of_each(&without, datastores), ["cart: cache"]);
}

#[test]
fn a_job_that_runs_the_image_of_a_datastore_is_none() {
    let (own, store) = (deployment("cart", "example.org/cart"), deployment("stock", "postgres:18"));
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec:\n  template:\n    \
               spec:\n      containers: [{name: main, image: 'postgres:18'}]\n";
    let files = [("k8s/cart.yaml", &*own), ("k8s/store.yaml", &*store), ("k8s/migrate.yaml", job)];
    assert_eq!(of_each(&files, datastores), ["cart: stock"]);
}

fn datastores(scope: &Scope<'_>) -> Vec<String> {
    scope.datastores.iter().map(|store| store.name.value.clone()).collect()
}

#[test]
fn datastores_belong_to_whom_names_them_or_runs_beside_them() {
    let compose = "services:\n  cart: {build: src/cart, environment: {DATABASE_URL: 'postgres://db:5432/x'}}\n  \
                   mail: {build: src/mail, depends_on: [queue]}\n  db: {image: postgres}\n  \
                   queue: {image: rabbitmq}\n  cache: {image: redis}\n";
    let files = shop(&[("compose.yaml", compose)]);
    assert_eq!(of_each(&files, datastores), ["cart: db cache", "mail: queue cache"]);
    let cart = deployment("cart", "example.org/cart");
    let [database, cache] = [deployment("mail-db", "mysql:8"), deployment("cache", "redis:8")];
    let cluster = shop(&[
        ("k8s/cart.yaml", &cart),
        ("k8s/mail-db.yaml", &database),
        ("k8s/cache.yaml", &cache),
        ("compose.yaml", "services: {db: {image: postgres}}"),
    ]);
    assert_eq!(of_each(&cluster, datastores), ["cart: cache", "mail: mail-db"]);
}

#[test]
fn a_datastore_of_what_a_platform_runs_is_not_that_of_who_stands_beside_it() {
    let compose = "services:\n  cart: {build: src/cart, restart: always, depends_on: [db]}\n  \
                   mail: {build: src/mail, restart: always}\n  db: {image: postgres}\n";
    let files = [("compose.prod.yaml", compose), ("src/cart/fly.toml", "app = 'cart'\n")];
    assert_eq!(of_each(&shop(&files), datastores), ["cart: ", "mail: "]);
    assert_eq!(of_each(&shop(&files[..1]), datastores), ["cart: db", "mail: "]);
}

#[test]
fn a_datastore_of_a_compose_file_belongs_to_whom_it_shares_a_network_with() {
    let whose = |of_mail: &str, of_cache: &str| {
        let compose = format!(
            "services:\n  cart: {{build: src/cart, networks: [outer, inner]}}\n  \
             mail: {{build: src/mail{of_mail}}}\n  cache: {{image: redis{of_cache}}}\n"
        );
        of_each(&shop(&[("compose.yaml", &compose)]), datastores)
    };
    let (all, its_own) = (["cart: cache", "mail: cache"], ["cart: cache", "mail: "]);
    assert_eq!(whose(", networks: [outer]", ", networks: {inner: {}}"), its_own);
    assert_eq!(whose(", networks: [outer]", ", networks: [outer]"), all);
    assert_eq!(whose("", ", networks: [inner]"), all);
    assert_eq!(whose(", networks: [outer]", ""), all);
}

#[test]
fn a_datastore_of_a_cluster_belongs_to_whom_its_service_is_named_by_or_who_takes_its_secret() {
    let cart = deployment("cart", "example.org/cart");
    let mail = deployment("mail", "example.org/mail");
    let store = deployment("mysql", "mysql:8").replace("labels: {}", "labels: {app: mysql}");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: shop-db}\n\
                   spec: {selector: {app: mysql}, ports: [{port: 3306}]}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n\
               data: {HOST: 'shop-db.shop.svc:3306', MODE: live}\n";
    let whose = |of_cart: &str, of_store: &str| {
        let with = |manifest: &str, more: &str| {
            manifest.replace("{name: main, ", &format!("{{name: main, {more}"))
        };
        let (cart, store) = (with(&cart, of_cart), with(&store, of_store));
        let files = [
            ("k8s/cart.yaml", &*cart),
            ("k8s/mail.yaml", &*mail),
            ("k8s/mysql.yaml", &*store),
            ("k8s/mysql-service.yaml", service),
            ("k8s/settings.yaml", map),
        ];
        of_each(&files, datastores)
    };
    let (all, its_own) = (["cart: mysql", "mail: mysql"], ["cart: mysql", "mail: "]);
    assert_eq!(whose("", ""), all);
    assert_eq!(whose("env: [{name: DB, value: shop-db}],", ""), its_own);
    assert_eq!(whose("envFrom: [{configMapRef: {name: settings}}],", ""), its_own);
    let key = |key: &str| {
        format!(
            "env: [{{name: DB, valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}}}],"
        )
    };
    assert_eq!(whose(&key("HOST"), ""), its_own);
    assert_eq!(whose(&key("MODE"), ""), all);
    let secret = "envFrom: [{secretRef: {name: keys}}],";
    assert_eq!(whose(secret, secret), its_own);
    assert_eq!(whose("", secret), all);
}

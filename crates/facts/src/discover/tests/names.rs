//! What services are called, and which signs are of one and the same.

use super::*;

#[test]
fn images_that_compose_runs_are_those_of_the_folders_of_their_names() {
    let compose = "services:\n  till:\n    image: acme/shop-till\n  stock:\n    image: acme/shop-stock\n  \
                   mail:\n    image: acme/mailer\n";
    let pom = "<project><artifactId>x</artifactId></project>";
    let found = services(&[
        ("docker-compose.yml", compose),
        ("docker/Dockerfile", DOCKERFILE),
        ("pom.xml", pom),
        ("shop-stock/pom.xml", pom),
        ("shop-till/pom.xml", pom),
    ]);
    assert_eq!(
        found,
        ["stock [shop-stock] docker-compose.yml", "till [shop-till] docker-compose.yml"]
    );
}

#[test]
fn an_entry_claims_the_workload_that_its_selector_takes() {
    let entry = |name: &str, selector: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  \
             annotations:\n    backstage.io/kubernetes-label-selector: {selector}\nspec:\n  \
             type: service\n  lifecycle: production\n  owner: a\n"
        )
    };
    let found = services(&[
        ("apps/crier.yaml", &labelled("crier", "example.org/crier", "crier")),
        ("apps/tide.yaml", &labelled("tide", "example.org/tide", "tide")),
        ("entries/ci-tide.yaml", &entry("ci-tide", "\"part=ci,app=tide\"")),
        ("entries/one.yaml", &entry("one", "app=crier")),
        ("entries/two.yaml", &entry("two", "app=crier")),
    ]);
    let of_tide = found.iter().find(|service| service.contains("tide"));
    let expected = "ci-tide [entries] entries/ci-tide.yaml apps/tide.yaml";
    assert_eq!((found.len(), of_tide.map(String::as_str)), (4, Some(expected)));
}

#[test]
fn base_images_and_units_of_other_peoples_software_are_no_services() {
    let found = discover(&tree(&[
        ("docker/builders/rust/Dockerfile", "FROM rust:1\nENTRYPOINT [\"/build\"]\n"),
        ("docker/base/Dockerfile", "FROM ubuntu:24.04\nENTRYPOINT [\"/run\"]\n"),
        ("cloud-init-docker/Dockerfile", "FROM example.org/scripts:1\nENTRYPOINT [\"/init\"]\n"),
        ("packer/kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet\n"),
        ("checkout/Dockerfile", "FROM debian:12\nENTRYPOINT [\"/checkout\"]\n"),
    ]));
    let names: Vec<&str> = found.services.iter().map(|service| &*service.name).collect();
    assert_eq!(names, ["checkout"]);
}

#[test]
fn the_projects_that_an_aspire_host_starts_are_services() {
    let host = "<Project Sdk=\"Aspire.AppHost.Sdk/13.0.0\">\n<ItemGroup>\n\
                <ProjectReference Include=\"..\\Basket.API\\Basket.API.csproj\" />\n\
                <ProjectReference Include=\"..\\Mail\\Mail.csproj\" />\n\
                <ProjectReference Include=\"..\\Tables\\Tables.sqlproj\" />\n\
                <ProjectReference Include=\"..\\Kit\\Kit.csproj\" IsAspireProjectResource=\"false\" />\n\
                </ItemGroup>\n</Project>\n";
    let found = services(&[
        ("src/AppHost/AppHost.csproj", host),
        ("src/Basket.API/Basket.API.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"></Project>"),
        ("src/Kit/Kit.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>"),
        ("src/Mail/Mail.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Worker\"></Project>"),
    ]);
    assert_eq!(
        found,
        [
            "Basket.API [src/Basket.API] src/AppHost/AppHost.csproj",
            "Mail [src/Mail] src/AppHost/AppHost.csproj"
        ]
    );
}

#[test]
fn an_image_is_that_of_the_service_whose_program_it_starts() {
    let recipe = "FROM golang:1.25 AS build\nCOPY . .\nFROM debian:13\nCOPY --from=build /stock /bin/\n\
                  EXPOSE 80\nENTRYPOINT [\"/bin/stock\", \"serve\"]\n";
    let deployed = deployment("stock", "quay.io/acme/all:1.2");
    let found = |recipe: &str| {
        services(&[
            ("Dockerfile", recipe),
            ("go.mod", "module acme.example/shop\n"),
            ("k8s/a.yaml", &deployed),
            ("k8s/b.yaml", &deployment("probe", "quay.io/acme/probe:1")),
            ("probe/Dockerfile", DOCKERFILE),
        ])
    };
    assert_eq!(found(recipe).len(), 2, "{:?}", found(recipe));
    assert_eq!(found(&recipe.replace("/bin/stock\"", "/bin/till\"")).len(), 3);
}

#[test]
fn images_of_one_program_for_several_systems_are_one_service_and_makers_of_packages_none() {
    let found = services(&[
        ("go.mod", "module shop.example/v2\n\ngo 1.25\n"),
        ("Procfile", "web: shop\n"),
        ("packaging/docker/alpine/Dockerfile", DOCKERFILE),
        ("packaging/docker/distroless/Dockerfile", DOCKERFILE),
        ("packaging/rpm/Dockerfile", DOCKERFILE),
        (
            "packaging/systemd/shop.service",
            "[Service]\nExecStart=/usr/bin/shop\nUser=shop\n[Install]\nWantedBy=multi-user.target\n",
        ),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("shop []"), "{found:?}");
}

#[test]
fn what_shows_documents_while_they_are_written_is_no_service() {
    let files = [
        ("Dockerfile", "FROM python:3.13\nENTRYPOINT [\"mkdocs\"]\nCMD [\"serve\"]\n"),
        ("mkdocs.yml", "site_name: Handbook\n"),
    ];
    assert_eq!(services(&files), [] as [&str; 0]);
    assert_eq!(passed_over(&files), ["Dockerfile shows documents while they are written"]);
}

#[test]
fn a_bundler_beside_the_service_is_none() {
    let found = services(&[
        (
            "compose.yaml",
            "services: {app: {build: .}, webpack: {build: webpack, command: yarn dev}}",
        ),
        ("Dockerfile", DOCKERFILE),
        ("webpack/Dockerfile", "FROM node:24\nCMD [\"yarn\", \"build\"]\n"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_only_service_of_a_tree_is_called_like_the_tree_and_not_like_a_part() {
    assert_eq!(
        services(&[("server/docker/Dockerfile", DOCKERFILE)]),
        ["shop [server] server/docker/Dockerfile"]
    );
}

#[test]
fn a_page_shown_while_a_service_is_away_is_none() {
    let page = "FROM nginx:1\nCOPY html /usr/share/nginx/html\n";
    let files = [("Dockerfile", DOCKERFILE), ("maintenance_page/Dockerfile", page)];
    assert_eq!(services(&files), ["shop [] Dockerfile"]);
    assert_eq!(passed_over(&files), ["Dockerfile shows a page while a service is away"]);
}

#[test]
fn the_one_recipe_of_a_server_may_stand_among_scripts() {
    let server = "FROM alpine:3\nEXPOSE 80\nENTRYPOINT [\"/shop\"]\n";
    assert_eq!(services(&[("scripts/Dockerfile", server)]), ["shop [] scripts/Dockerfile"]);
    for (path, text) in [("scripts/Dockerfile", DOCKERFILE), ("ci/Dockerfile", server)] {
        assert!(services(&[(path, text)]).is_empty(), "{path}");
    }
    let two = [("Dockerfile", DOCKERFILE), ("scripts/Dockerfile", server)];
    assert_eq!(services(&two), ["shop [] Dockerfile"]);
}

#[test]
fn a_compose_service_whose_profiles_are_all_set_apart_makes_none() {
    let compose = "services:\n  old: {build: old, profiles: [deprecated]}\n  \
                   api: {build: api, profiles: [dev, live]}\n";
    let files = [("compose.yaml", compose), ("api/Dockerfile", DOCKERFILE)];
    assert_eq!(services(&files), ["api [api] compose.yaml api/Dockerfile"]);
    assert_eq!(
        passed_over(&files),
        ["Compose service `old` starts only with the profile `deprecated`"]
    );
}

#[test]
fn an_image_beside_the_one_for_production_is_for_developing() {
    let files = [("web/Dockerfile", DOCKERFILE), ("web/Dockerfile.prod", DOCKERFILE)];
    assert_eq!(services(&files), ["shop [web] web/Dockerfile.prod"]);
    let told = "Dockerfile for developing: `Dockerfile.prod` stands beside it";
    assert_eq!(passed_over(&files), [told]);
    assert_eq!(services(&[("web/Dockerfile", DOCKERFILE)]), ["shop [web] web/Dockerfile"]);
}

#[test]
fn what_is_started_while_it_is_written_speaks_last_for_a_service() {
    let compose = "services:\n  cart:\n    build: cart\n    volumes: [./cart:/app]\n";
    let facts = tree(&[("compose.yaml", compose), ("cart/Dockerfile", DOCKERFILE)]);
    let found = discover(&facts).services;
    assert_eq!(&*found[0].place().path, "cart/Dockerfile");
}

#[test]
fn code_in_the_root_is_called_as_on_its_host_whatever_the_folders_around_it_are_called() {
    let dockerfile = "FROM docker.io/library/rust:1.95\nCMD [\"/till\"]\n";
    let mut facts = tree(&[("etc/docker/Dockerfile", dockerfile)]);
    facts.root_name = "acme+till".into();
    let found = |facts: &Facts| {
        let services = discover(facts).services.into_iter();
        services.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    assert_eq!(found(&facts), ["acme-till []"]);
    facts.remotes = vec!["github.com/acme/till".into()];
    assert_eq!(found(&facts), ["till []"]);
    facts.remotes.push("github.com/others/template".into());
    assert_eq!(found(&facts), ["acme-till []"]);
}

#[test]
fn a_clock_in_a_container_answers_nobody_through_a_port_that_no_service_sends_to() {
    let manifest = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: remind}}}}\n  template:\n    metadata: {{labels: {{app: remind}}}}\n    spec:\n      containers:\n      - {{name: c, image: example.org/remind:1, ports: [{{containerPort: 8080}}]}}\n"
        )
    };
    let kind = |name: &str, more: &str| {
        let text = format!("{}---\n{more}", manifest(name));
        discover(&tree(&[("a.yaml", &text)])).services[0].kind
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {selector: {app: remind}, ports: [{port: 80}]}\n";
    assert_eq!(kind("send-reminder-crond", ""), Kind::Worker);
    assert_eq!(kind("send-reminder-crond", service), Kind::Web);
    assert_eq!(kind("send-reminder", ""), Kind::Web);
}

#[test]
fn what_only_a_machine_for_trying_out_can_run_makes_no_service() {
    let till = deployment("till", "registry.example/till:1");
    let bind = deployment("bind", "local/bind:1");
    let never = bind.replace("image: 'local", "imagePullPolicy: Never, image: 'local");
    assert_ne!(bind, never);
    let values = "image:\n  repository: local/pebble\n  pullPolicy: Never\n";
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n";
    let files = |bind: &str, values: &str| {
        services(&[
            ("k8s/till.yaml", &till),
            ("make/bind.yaml", bind),
            ("make/pebble/chart/Chart.yaml", "apiVersion: v2\nname: pebble\nversion: 1.0.0\n"),
            ("make/pebble/chart/templates/a.yaml", template),
            ("make/pebble/chart/values.yaml", values),
            ("make/pebble/Containerfile.pebble", DOCKERFILE),
        ])
    };
    assert_eq!(files(&never, values), ["till [] k8s/till.yaml"]);
    assert_eq!(files(&bind, &values.replace("Never", "Always")).len(), 3);
    let alone = [("k8s/bind.yaml", &*never), ("bind/Dockerfile", DOCKERFILE)];
    assert_eq!(services(&alone).len(), 1, "the tree runs nothing else");
}

#[test]
fn units_of_a_tree_are_processes_of_what_its_root_builds() {
    let unit = "[Service]\nExecStart=/usr/bin/shop\n";
    let found = |queue: &str, more: &[(&str, &str)]| {
        let files = [("Dockerfile", DOCKERFILE), ("scripts/shop-web.service", unit), (queue, unit)];
        let mut facts = tree(&[&files[..], more].concat());
        facts.root_name = "shop-next".into();
        discover(&facts).services.len()
    };
    let queue = "scripts/shop-queue.service";
    assert_eq!(found(queue, &[]), 1);
    assert_eq!(found("scripts/mall-queue.service", &[]), 3);
    assert_eq!(found(queue, &[("till/Dockerfile", DOCKERFILE), ("till/main.rs", "")]), 4);
}

#[test]
fn a_chart_is_called_like_its_folder_and_compose_or_without_the_word_for_charts() {
    let chart = "apiVersion: v2\nname: acme-shop-cart-chart\nversion: 1.0.0\n";
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n";
    let till = deployment("till", "registry.example/till:1");
    let files = [
        ("k8s/till.yaml", &*till),
        ("src/cart/chart/Chart.yaml", chart),
        ("src/cart/chart/templates/a.yaml", template),
        ("src/cart/compose.yaml", "services: {cart: {build: .}}"),
        ("src/cart/Dockerfile", DOCKERFILE),
    ];
    assert!(services(&files)[0].starts_with("cart [src/cart] "));
    let names: Vec<String> =
        discover(&tree(&files[..3])).services.into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["acme-shop-cart", "till"]);
}

#[test]
fn what_holds_a_product_gives_no_name_and_the_keeper_does_where_the_tree_has_none() {
    let named = |path: &str, remote: &str| {
        let mut facts = tree(&[(path, DOCKERFILE)]);
        facts.root_name = "server".into();
        facts.remotes = vec![remote.into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(named("docker/php/Dockerfile", "github.com/acme/shop"), ["shop"]);
    assert_eq!(named("docker/targets/server.Dockerfile", "github.com/acme/shop"), ["shop"]);
    assert_eq!(named("Dockerfile", "github.com/notify/server"), ["notify"]);
    assert_eq!(named("till/Dockerfile", "github.com/acme/shop"), ["till"]);
}

#[test]
fn a_tree_that_only_installs_what_its_keepers_publish_offers_that_and_nothing_beside_it() {
    let compose = "services:\n  till:\n    image: ghcr.io/acme/till:3\n    ports: [80:80]\n  post:\n    image: strangers/post:1\n    ports: [25:25]\n";
    let found = |remote: &str| {
        let mut facts = tree(&[("compose.yaml", compose)]);
        facts.remotes = vec![remote.into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(found("github.com/acme/installed"), ["till"]);
    assert_eq!(found("github.com/somebody/installed").len(), 2);
}

#[test]
fn folders_of_what_is_done_there_give_no_name_but_where_several_stand_side_by_side() {
    let named = |files: &[(&str, &str)]| {
        let found = discover(&tree(files)).services.into_iter();
        found.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    let migrations = ("migrations/Dockerfile", "FROM shop\nCMD [\"/migrate\"]\n");
    assert_eq!(named(&[("config/Dockerfile", DOCKERFILE)]), ["shop [config]"]);
    let expose = "FROM rust:1\nEXPOSE 80\nCMD [\"/serve\"]\n";
    let compose = "services: {app: {build: {context: .., dockerfile: deploy/Dockerfile}, ports: ['80:80'], restart: always}, migrations: {build: {context: .., dockerfile: migrations/Dockerfile}}}";
    let built = [migrations, ("deploy/Dockerfile", expose), ("deploy/compose.yaml", compose)];
    assert_eq!(named(&built), ["shop []"]);
    let side_by_side = [("config/Dockerfile", DOCKERFILE), ("till/Dockerfile", DOCKERFILE)];
    assert_eq!(named(&side_by_side), ["config [config]", "till [till]"]);
    let config = [("k8s/a.yaml", deployment("config", "ghcr.io/acme/shop:1"))];
    let config: Vec<(&str, &str)> = config.iter().map(|(path, text)| (*path, &**text)).collect();
    assert_eq!(named(&config), ["config []"]);
}

#[test]
fn what_is_pushed_is_called_as_its_code_or_by_the_words_that_its_names_share() {
    let named = |path: &str| {
        let file =
            |stage: &str| format!("applications:\n- name: till-{stage}\n  memory: 1G\n{path}");
        let (staging, unstable) = (file("staging"), file("unstable"));
        let files = [
            ("ops/manifests/manifest-staging.yaml", &*staging),
            ("ops/manifests/manifest-unstable.yaml", &*unstable),
            ("app/till.py", ""),
            ("src/a.py", ""),
        ];
        let found = discover(&tree(&files)).services.into_iter();
        found.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    assert_eq!(named(""), ["till [ops/manifests]"]);
    assert_eq!(named("  path: ../../app\n"), ["till [app]"]);
    assert_eq!(named("  path: '../../src' # all of it\n"), ["shop []"]);
    assert_eq!(named("  path: ../../gone/till.jar\n"), ["till [ops/manifests]"]);
    assert_eq!(named("  path: ../../../../etc\n"), ["till [ops/manifests]"]);
}

#[test]
fn what_runs_the_jobs_of_pipelines_is_told_by_a_label_or_the_folder_of_its_image_too() {
    let till = deployment("till", "ghcr.io/acme/till:1");
    let judged = |manifest: &str| {
        let files = [("deploy/till.yaml", till.as_str()), ("deploy/host.yaml", manifest)];
        let services = discover(&tree(&files)).services;
        services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    let plain = "ghcr.io/acme/machine:1";
    assert_eq!(judged(&labelled("host", plain, "github-runner")), ["till"]);
    assert_eq!(judged(&deployment("host", "ghcr.io/acme/github-runner-images/base:1")), ["till"]);
    assert_eq!(judged(&labelled("host", plain, "job-runner")), ["host", "till"]);
    assert_eq!(judged(&deployment("host", "ghcr.io/acme/runner/host:1")), ["host", "till"]);
}

#[test]
fn a_recipe_that_shows_a_page_of_maintenance_is_no_part_of_what_stands_beside_it() {
    let pages = "FROM nginx:1\nCOPY ./nginx/till.conf /etc/nginx/\nCOPY ./maintenance_page/* /app/\nCMD [\"nginx\"]\n";
    let found = |recipe: &str| {
        services(&[("Dockerfile", DOCKERFILE), ("maintenance.Dockerfile", recipe), ("a.rs", "")])
    };
    assert_eq!(found(pages), ["shop [] Dockerfile"]);
    let both = ["shop [] Dockerfile maintenance.Dockerfile"];
    assert_eq!(found(&pages.replace("nginx:1", "rust:1.95")), both);
    assert_eq!(found(&pages.replace("maintenance_page", "page")), both);
    assert_eq!(found(&pages.replace("CMD", "COPY dist /app/till\nCMD")), both);
}

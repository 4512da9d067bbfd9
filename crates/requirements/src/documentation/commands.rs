//! Commands by what they are for, recognised by how they begin.

use facts::Section;

use crate::prose;

/// Commands that make a checkout ready: fetch dependencies, build.
pub(super) static SET_UP: &[&str] = &[
    "apt install",
    "apt-get install",
    "brew install",
    "bundle install",
    "cargo build",
    "cargo install",
    "composer install",
    "conda install",
    "docker build",
    "docker compose build",
    "docker compose pull",
    "docker-compose build",
    "docker-compose pull",
    "dotnet build",
    "dotnet restore",
    "go build",
    "go install",
    "go mod",
    "gradle build",
    "helm repo add",
    "make",
    "mix deps.get",
    "mvn",
    "./mvnw",
    "./gradlew",
    "nix develop",
    "npm ci",
    "npm i",
    "npm install",
    "pip install",
    "pip3 install",
    "pipenv install",
    "pnpm i",
    "pnpm install",
    "poetry install",
    "python -m pip",
    "python3 -m pip",
    "python setup.py",
    "uv pip",
    "uv sync",
    "yarn",
    "yarn install",
    "bin/setup",
    "./bin/setup",
    "script/setup",
    "./script/setup",
    "script/bootstrap",
    "./install.sh",
];

/// Commands that start it.
pub(super) static RUN: &[&str] = &[
    "bin/rails server",
    "bundle exec",
    "cargo run",
    "docker run",
    "docker compose up",
    "docker-compose up",
    "dotnet run",
    "flask run",
    "go run",
    "gradle bootrun",
    "./gradlew bootrun",
    "./gradlew run",
    "gunicorn",
    "java -jar",
    "make dev",
    "make run",
    "make serve",
    "make start",
    "make up",
    "mix phx.server",
    "mvn spring-boot:run",
    "./mvnw spring-boot:run",
    "node",
    "npm run dev",
    "npm run serve",
    "npm run start",
    "npm start",
    "php artisan serve",
    "pm2 start",
    "pnpm dev",
    "pnpm run",
    "pnpm start",
    "podman run",
    "python -m",
    "python manage.py runserver",
    "python3 -m",
    "rails s",
    "rails server",
    "skaffold dev",
    "tilt up",
    "uv run",
    "uvicorn",
    "yarn dev",
    "yarn start",
];

/// Commands that start what answers requests, and nothing else.
static SERVERS: &[&str] = &[
    "bin/dev",
    "bin/rails s",
    "bin/rails server",
    "cargo run",
    "dotnet run",
    "flask run",
    "make dev",
    "make run",
    "make serve",
    "make start",
    "mix phx.server",
    "npm run dev",
    "npm run serve",
    "npm run start",
    "npm start",
    "php artisan serve",
    "pnpm dev",
    "pnpm start",
    "python manage.py runserver",
    "rails s",
    "rails server",
    "yarn dev",
    "yarn start",
];

/// Commands that start it in containers.
pub(super) static CONTAINERS: &[&str] =
    &["docker compose up", "docker run", "docker-compose up", "podman compose up", "podman run"];

/// Commands that bring it to where its users are.
pub(super) static DEPLOY: &[&str] = &[
    "ansible-playbook",
    "argocd app",
    "aws cloudformation deploy",
    "aws ecs",
    "azd deploy",
    "azd up",
    "cap production deploy",
    "cdk deploy",
    "cf push",
    "docker service update",
    "docker stack deploy",
    "fly deploy",
    "flyctl deploy",
    "gcloud app deploy",
    "gcloud run deploy",
    "git push heroku",
    "git push dokku",
    "heroku container:release",
    "helm install",
    "helm upgrade",
    "helmfile",
    "kamal deploy",
    "kubectl apply",
    "kubectl create",
    "kubectl rollout",
    "kubectl set image",
    "kustomize build",
    "make deploy",
    "make release",
    "netlify deploy",
    "nomad job run",
    "npm publish",
    "npm run deploy",
    "oc apply",
    "oc create",
    "oc new-app",
    "pulumi up",
    "sam deploy",
    "serverless deploy",
    "skaffold deploy",
    "skaffold run",
    "sls deploy",
    "terraform apply",
    "wrangler deploy",
    "wrangler publish",
    "yarn deploy",
    "./deploy.sh",
    "./scripts/deploy.sh",
    "./ops/deploy.sh",
];

/// Whether a block of code of the section, or a cell of its tables, holds a line that begins with
/// one of `commands`.
pub(super) fn has_command(section: &Section, commands: &[&str]) -> bool {
    let lines = section.code.iter().flat_map(|(_, code)| code.value.lines());
    // One word alone is a word of English in a table: "make", "yarn".
    let is_call = |cell: &&str| cell.split_whitespace().count() > 2;
    let cells = section.rows.iter().flatten().map(|cell| cell.value.as_str()).filter(is_call);
    let several_words = |command: &&&str| command.contains(' ');
    let in_table = |cell: &str| {
        commands.iter().filter(several_words).any(|command| begins(without_prompt(cell), command))
    };
    lines.map(without_prompt).any(|line| commands.iter().any(|command| begins(line, command)))
        || cells.into_iter().any(in_table)
}

/// Whether each line of `code` fetches dependencies or builds: `npm run build`.
pub(super) fn only_builds(code: &str) -> bool {
    const BUILDS: &[&str] = &[
        "cargo build",
        "npm ci",
        "npm install",
        "npm run build",
        "pnpm build",
        "pnpm install",
        "pnpm run build",
        "yarn build",
        "yarn install",
        "yarn run build",
    ];
    let is_run = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("# ");
    let builds = |line: &str| {
        let line = without_prompt(line);
        BUILDS.iter().any(|command| begins(line, command)) && !line.contains(['&', ';', '|'])
    };
    code.lines().filter(is_run).all(builds)
}

/// Whether a sentence of the section names one of `commands`.
pub(super) fn names_command(section: &Section, commands: &[&str]) -> bool {
    names(&section.text, commands)
}

/// Whether `text` names one of `commands`.
pub(super) fn names(text: &str, commands: &[&str]) -> bool {
    // One word alone is a word of English more often than a command: "make", "node", "yarn".
    let several_words = || commands.iter().filter(|command| command.contains(' '));
    let text = prose::plain(text);
    several_words().any(|command| text.contains(&prose::plain(command)))
}

/// Whether a line of the section has a server started, and the section says that this is what is started,
/// or where it then answers: "Start the server with `mix phx.server`".
pub(super) fn starts_a_server(section: &Section) -> bool {
    let wholes = ["app", "application", "development server", "server", "site", "web server"];
    let starts = ["launch", "run", "start", "starting", "starts"];
    let answers = section.text.contains("localhost:") || section.text.contains("127.0.0.1:");
    section.text.lines().any(|line| {
        let names = |command: &str| {
            line.match_indices(command).any(|(at, _)| {
                let before = line.get(..at).unwrap_or_default();
                let before = before.strip_suffix("./").unwrap_or(before);
                let is_first =
                    !before.ends_with(|c: char| c.is_alphanumeric() || "/-_.".contains(c));
                is_first && begins(line.get(at..).unwrap_or_default(), command)
            })
        };
        let is_whole = || prose::mentions(line, &wholes);
        SERVERS.iter().any(|command| names(command))
            && prose::mentions(line, &starts)
            && (answers || is_whole())
    })
}

/// Whether `text` has a file started by what interprets it: "Run `python app.py`".
pub(super) fn starts_a_file(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare =
        |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    words.windows(2).any(|pair| {
        let [program, file] = pair else { return false };
        let (program, file) = (bare(program), bare(file));
        let known = INTERPRETED.iter().find(|(name, _)| *name == program);
        known.is_some_and(|(_, ends)| ends.iter().any(|end| file.ends_with(end)))
            && !file.ends_with("setup.py")
    })
}

/// Programs that start files, and what those files are called.
static INTERPRETED: &[(&str, &[&str])] = &[
    ("bun", &[".js", ".ts"]),
    ("node", &[".cjs", ".js", ".mjs", ".ts"]),
    ("php", &[".php"]),
    ("python", &[".py"]),
    ("python3", &[".py"]),
    ("ruby", &[".rb"]),
];

/// Whether a line of the text begins with one of `commands`, several words long.
pub(super) fn begins_a_line(section: &Section, commands: &[&str]) -> bool {
    let several_words = || commands.iter().filter(|command| command.contains(' '));
    let mut lines = section.text.lines().map(without_prompt);
    lines.any(|line| several_words().any(|command| begins(line, command)))
}

/// Whether a numbered line of the text has one of `commands` run, several words long: `4# run "npm install"`.
pub(super) fn is_among_steps(section: &Section, commands: &[&str]) -> bool {
    let step = |line: &str| {
        let rest = line.trim_start().trim_start_matches("Step ");
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_numbered = after.len() < rest.len() && after.starts_with(['#', '.', ')', ':']);
        is_numbered.then(|| after.to_owned())
    };
    let several_words = || commands.iter().filter(|command| command.contains(' '));
    let names = |part: &str| {
        let part = part.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let part = part.strip_prefix("run ").or(part.strip_prefix("Run ")).unwrap_or(part);
        several_words().any(|command| begins(without_prompt(part), command))
    };
    let quotes = ['"', '`', '\'', '\u{201C}', '\u{201D}'];
    section.text.lines().filter_map(step).any(|line| line.split(quotes).any(names))
}

/// A line of a shell session without its prompt, `sudo` and variables set for the command.
pub(super) fn without_prompt(line: &str) -> &str {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "$%>#".contains(c));
    let line = line.strip_prefix("sudo ").unwrap_or(line);
    let is_setting = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    match line.split_once(' ') {
        Some((word, rest)) if is_setting(word) => rest.trim_start(),
        _ => line,
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn begins(line: &str, command: &str) -> bool {
    let Some(start) = line.get(..command.len()) else { return false };
    let rest = line.get(command.len()..).unwrap_or_default();
    start.eq_ignore_ascii_case(command)
        && !rest.starts_with(|c: char| c.is_alphanumeric())
        && !rest.strip_prefix(':').is_some_and(is_other_task)
}

/// Whether a script of a package is called after something else than what it begins with:
/// `npm run dev:migrate` starts nothing, `npm run dev:api` does.
fn is_other_task(name: &str) -> bool {
    const TASKS: &[&str] = &["build", "check", "db", "install", "lint", "migrat", "seed", "test"];
    TASKS.iter().any(|task| name.starts_with(task))
}

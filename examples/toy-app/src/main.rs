//! Serves the toy app. Everything that can be set is an environment variable: see the README.

#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    reason = "the log of a container is its standard output"
)]

use std::env;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use teeproof_core::CollateralParts;
use teeproof_evidence::{Build, Endpoint, Evidence, Settings};
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let set = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let settings = Settings {
        build: Build {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_sha: set("GIT_SHA", "unknown"),
            build_time: set("BUILD_TIME", "unknown"),
            environment: set("ENVIRONMENT", "development"),
        },
        ..Settings::default()
    };
    let evidence = Arc::new(Evidence::new(Endpoint::from_environment()?, settings));
    // A compose file that leaves a variable empty means that it leaves it out.
    let collateral = set("COLLATERAL", "");
    if !collateral.is_empty() {
        let file = std::fs::read(&collateral).map_err(|error| format!("{collateral}: {error}"))?;
        evidence.replace_collateral(vec![CollateralParts::from_json(&file)?]);
    }
    let listener = TcpListener::bind(set("LISTEN", "0.0.0.0:8080")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, teeproof_toy_app::app(evidence))
        .with_graceful_shutdown(async {
            // Where no signal can be waited for, the process is simply ended.
            if let Err(error) = asked_to_stop().await {
                println!("cannot wait for signals: {error}");
                std::future::pending().await
            }
        })
        .await?;
    Ok(())
}

async fn asked_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

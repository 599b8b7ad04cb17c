//! `infra/template.yaml`, deployed: the whole road over the deployed API, functions, queue and schedules, with each role
//! checked on each call. `infra/README.md` says what the stand-in for AWS cannot show.

mod both;
mod faults;
mod life;
mod people;
mod road;
mod scene;

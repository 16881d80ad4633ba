//! Long polling, for browsers whose WebSockets are blocked: requests that stand for a socket.
//!
//! ```text
//! GET  ─▶ 410 and a token: the socket is open, see `http::upgrade` for what refuses it
//! GET  ─▶ 200 and frames, or 204 after ten seconds; each with the next token
//! POST ─▶ 200 when every frame of its body has been taken
//! POST ─▶ 200 and the socket is closed, with `goodbye` in its query: the page is about to go
//! ```
//!
//! The status stands in the body, as the client reads nothing else. What a request does not find, because
//! the session is over, another server's or another visitor's, is answered with 410, upon which the client opens
//! a session anew and joins its views again. The same [`Connection`] serves both kinds of socket.
//!
//! Source of the rules: protocol section "Long polling".

pub(crate) mod lines;
mod sent_before;
mod session;
mod sessions;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use tokio::time::timeout;

use crate::http::client::client_with;
use crate::http::session::Session;
use crate::http::upgrade::{Admitted, Parameters, RETRY, Refused, admit, check_origin};
use crate::runtime::Runtime;
use crate::runtime::client::Carrier;
use crate::runtime::connection::Connection;
use crate::runtime::transport::Text;
use crate::telemetry::PollOutcome;
use crate::wire::token::PollToken;

use lines::Lines;
use session::{PollSession, Polled, SessionGone};
use sessions::PollSessions;

/// Where newer clients put their token.
const TOKEN_HEADER: &str = "x-phoenix-longpoll-token";

/// How long the frames of one request may take to come and to be taken: as long as the client waits.
const POSTED_WITHIN: Duration = Duration::from_secs(20);

/// What the requests share.
#[derive(Clone)]
pub(super) struct LongPolls {
    runtime: Arc<Runtime>,
    sessions: Arc<PollSessions>,
}

/// What a request is answered with, in its body.
enum Answer {
    /// The socket is open.
    Opened(String),
    Frames(String, Vec<Text>),
    Nothing(String),
    /// The frames have been taken.
    Taken,
    /// There is no such socket, or no more.
    Gone,
    Refused(Refused),
    /// The request did not come to its end.
    Broken,
}

/// The body of an answer.
#[derive(Serialize)]
struct Said<'a> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    messages: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
}

impl LongPolls {
    pub(super) fn new(runtime: &Arc<Runtime>) -> Self {
        Self { runtime: Arc::clone(runtime), sessions: Arc::default() }
    }

    async fn answer(&self, request: Request) -> Answer {
        if let Err(refused) = check_origin(&self.runtime, &request) {
            return Answer::Refused(refused);
        }
        let parameters = Parameters::of(request.uri().query().unwrap_or_default());
        let in_header = request.headers().get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
        let token =
            in_header.or(parameters.poll_token.as_deref()).filter(|token| !token.is_empty());
        match (token, request.method()) {
            (None, &Method::GET) => self.open(request, &parameters),
            (Some(token), &Method::GET) => match self.find(token, request.headers()) {
                Some((token, session)) => self.poll(token, &session).await,
                None => Answer::Gone,
            },
            (Some(token), &Method::POST) => match self.find(token, request.headers()) {
                Some((_, session)) if parameters.is_goodbye => {
                    session.leave().await;
                    Answer::Taken
                }
                Some((_, session)) => self.post(&session, request.into_body()).await,
                None => Answer::Gone,
            },
            // axum sends `HEAD` to where `GET` goes.
            _ => Answer::Gone,
        }
    }

    fn open(&self, request: Request, parameters: &Parameters) -> Answer {
        let Self { runtime, sessions } = self;
        let carrier = Carrier::LongPoll;
        let Admitted { places, session } = match admit(runtime, &request, parameters, carrier) {
            Ok(admitted) => admitted,
            Err(refused) => return Answer::Refused(refused),
        };
        let (parts, _) = request.into_parts();
        let transport = sessions.open(session.id());
        let mut client = client_with(runtime, &parts, &session, parameters.csrf_token.as_deref());
        client.carrier = carrier;
        runtime.metrics.polled(PollOutcome::Opened);
        let token = PollToken { server: sessions.server, poll: transport.id, batch: 0 };
        let mut connection = Connection::new(transport, Arc::clone(runtime), Arc::new(client));
        tokio::spawn(async move {
            connection.run().await;
            drop(places);
        });
        Answer::Opened(self.sign(token))
    }

    /// The session of this server and of this request's visitor that a token names.
    fn find(&self, token: &str, headers: &HeaderMap) -> Option<(PollToken, Arc<PollSession>)> {
        let Self { runtime, sessions } = self;
        let token = PollToken::verify(token, &runtime.keys, SystemTime::now()).ok();
        if token.is_some_and(|token| token.server != sessions.server) {
            self.is_elsewhere();
            return None;
        }
        let found = token.and_then(|token| Some((token, sessions.find(&token.poll)?)));
        let found =
            found.filter(|(_, session)| session.visitor == Session::of(headers, runtime).id());
        if found.is_none() {
            runtime.metrics.polled(PollOutcome::Gone);
        }
        found
    }

    fn is_elsewhere(&self) {
        self.runtime.metrics.polled(PollOutcome::Elsewhere);
        if let Some(times) = self.runtime.told.polls_elsewhere.again() {
            tracing::warn!(
                times,
                "a browser polls a session of another server, or of this one before it started anew; if that \
                 goes on, have the balancer send all requests with one session cookie to one server"
            );
        }
    }

    async fn poll(&self, token: PollToken, session: &PollSession) -> Answer {
        match session.poll(token.batch).await {
            Polled::Frames { batch, frames, again } => {
                if again {
                    self.runtime.metrics.polled(PollOutcome::Again);
                }
                Answer::Frames(self.sign(PollToken { batch, ..token }), frames)
            }
            Polled::Nothing => Answer::Nothing(self.sign(token)),
            Polled::Gone => Answer::Gone,
        }
    }

    async fn post(&self, session: &PollSession, body: Body) -> Answer {
        match timeout(POSTED_WITHIN, self.hand_over(session, body)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(SessionGone)) => Answer::Gone,
            Err(_) => Answer::Broken,
        }
    }

    /// Hands the frames over as they come, so that no more than one of them is kept here.
    async fn hand_over(
        &self,
        session: &PollSession,
        mut body: Body,
    ) -> Result<Answer, SessionGone> {
        let _turn = session.posting.lock().await;
        let mut lines = Lines::new(self.runtime.config.max_frame_bytes);
        while !body.is_end_stream() {
            let Some(part) = body.frame().await else { break };
            // What was cut off is nothing.
            let Ok(part) = part else { return Ok(Answer::Broken) };
            let Ok(mut data) = part.into_data() else { continue };
            while let Some(line) = lines.next(&mut data) {
                self.hand(session, line).await?;
            }
        }
        if let Some(line) = lines.end() {
            self.hand(session, line).await?;
        }
        session.taken().await?;
        Ok(Answer::Taken)
    }

    async fn hand(&self, session: &PollSession, line: lines::Line) -> Result<(), SessionGone> {
        let is_new = session.hand(line.frame, line.message_ref).await?;
        if !is_new {
            self.runtime.metrics.polled(PollOutcome::Repeated);
        }
        Ok(())
    }

    fn sign(&self, token: PollToken) -> String {
        token.sign(&self.runtime.keys, SystemTime::now())
    }
}

/// Answers a request of a browser that polls.
pub(super) async fn answer(State(polls): State<LongPolls>, request: Request) -> Response {
    let answer = polls.answer(request).await;
    if let Answer::Refused(refused) = &answer {
        polls.runtime.metrics.socket_refused(refused.reason());
    }
    answer.into_response()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, said) = match &self {
            Self::Refused(refused) => refused.answer(),
            Self::Broken => (StatusCode::REQUEST_TIMEOUT, "the request did not come to its end"),
            _ => (StatusCode::OK, ""),
        };
        let mut response = (status, self.body(said)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(&self, Self::Refused(refused) if refused.is_for_now()) {
            headers.insert(RETRY_AFTER, RETRY);
        }
        response
    }
}

impl Answer {
    /// What the client reads, and words for people.
    fn body(&self, said: &str) -> String {
        let (status, token, frames): (u16, _, &[Text]) = match self {
            Self::Opened(token) => (410, Some(token), &[]),
            Self::Frames(token, frames) => (200, Some(token), frames),
            Self::Nothing(token) => (204, Some(token), &[]),
            Self::Taken => (200, None, &[]),
            Self::Gone => (410, None, &[]),
            Self::Refused(refused) if refused.is_for_now() => (500, None, &[]),
            Self::Refused(_) => (403, None, &[]),
            Self::Broken => (500, None, &[]),
        };
        let messages = frames.iter().map(Text::as_str).collect();
        let said = Said { status, token: token.map(String::as_str), messages, reason: said };
        serde_json::to_string(&said).unwrap_or_default()
    }
}

"""The same contract as one would plainly write it: FastAPI, pydantic, async SQLAlchemy."""

import os
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import DateTime, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=20)
new_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "twitter_user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Key(Base):
    __tablename__ = "peer_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("twitter_user.id"))
    person: Mapped[Person] = relationship(lazy="joined")


class Like(Base):
    __tablename__ = "twitter_like"
    id: Mapped[int] = mapped_column(primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("twitter_tweet.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("twitter_user.id"))
    person: Mapped[Person] = relationship()


class Media(Base):
    __tablename__ = "twitter_media"
    id: Mapped[int] = mapped_column(primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("twitter_tweet.id"))
    file: Mapped[str]


class Tweet(Base):
    __tablename__ = "twitter_tweet"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("twitter_user.id"))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    likes_count: Mapped[int] = mapped_column(default=0)
    replies_count: Mapped[int] = mapped_column(default=0)
    reposts_count: Mapped[int] = mapped_column(default=0)
    heat: Mapped[float] = mapped_column(default=0)
    hidden_reason: Mapped[str] = mapped_column(default="")
    hidden_at: Mapped[datetime | None]
    reply_to_id: Mapped[int | None]
    repost_of_id: Mapped[int | None]
    author: Mapped[Person] = relationship()
    likes: Mapped[list[Like]] = relationship(order_by=Like.id)
    media: Mapped[list[Media]] = relationship()


class Author(BaseModel):
    id: int
    name: str


class LikeBy(BaseModel):
    user_id: int
    name: str


class TweetOut(BaseModel):
    id: int
    content: str
    attachments: list[str]
    author: Author
    likes: list[LikeBy]


class Feed(BaseModel):
    result: bool
    tweets: list[TweetOut]


class NewTweet(BaseModel):
    tweet_data: str
    tweet_media_ids: list[int] = []


class Made(BaseModel):
    result: bool
    tweet_id: int


async def session():
    async with new_session() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def caller(session: Session, api_key: Annotated[str, Header()]) -> Person:
    key = await session.get(Key, api_key)
    if key is None:
        raise HTTPException(401)
    return key.person


@app.get("/api/tweets", response_model=Feed)
async def feed(session: Session, person: Annotated[Person, Depends(caller)], limit: int = 50):
    tweets = await session.scalars(
        select(Tweet)
        .where(Tweet.hidden_at.is_(None), Tweet.reply_to_id.is_(None), Tweet.repost_of_id.is_(None))
        .order_by(Tweet.created_at.desc(), Tweet.id.desc())
        .limit(limit)
        .options(
            selectinload(Tweet.author),
            selectinload(Tweet.likes).selectinload(Like.person),
            selectinload(Tweet.media),
        )
    )
    return {"result": True, "tweets": [shape(tweet) for tweet in tweets]}


def shape(tweet):
    return {
        "id": tweet.id,
        "content": tweet.text,
        "attachments": [f"/api/medias/{media.file}" for media in tweet.media],
        "author": {"id": tweet.author.id, "name": tweet.author.name},
        "likes": [{"user_id": like.person_id, "name": like.person.name} for like in tweet.likes],
    }


@app.post("/api/tweets", response_model=Made)
async def post(new: NewTweet, session: Session, person: Annotated[Person, Depends(caller)]):
    tweet = Tweet(author_id=person.id, text=new.tweet_data, created_at=datetime.now(UTC))
    session.add(tweet)
    await session.commit()
    return {"result": True, "tweet_id": tweet.id}

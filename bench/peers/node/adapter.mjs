// What node-oidc-provider keeps, in Redis, by its documented Adapter interface. Whatever one call needs leaves together
// (ioredis pipelines by itself), so that a call waits for one round trip, and index entries are written before what they
// lead to.
import { Redis } from "ioredis";

const grantable = new Set([
  "AccessToken",
  "AuthorizationCode",
  "BackchannelAuthenticationRequest",
  "DeviceCode",
  "RefreshToken",
]);
const consumable = new Set([
  "AuthorizationCode",
  "BackchannelAuthenticationRequest",
  "DeviceCode",
  "PushedAuthorizationRequest",
  "RefreshToken",
]);

export function redisAdapter(port) {
  const redis = new Redis(port, "127.0.0.1", { enableAutoPipelining: true });

  return class RedisAdapter {
    constructor(model) {
      this.model = model;
    }

    async upsert(id, payload, expiresIn) {
      const key = this.key(id);
      const lifetime = expiresIn ? ["EX", expiresIn] : [];
      const writes = [];
      if (grantable.has(this.model) && payload.grantId) {
        const members = `grant:${payload.grantId}`;
        writes.push(redis.sadd(members, key));
        if (expiresIn) writes.push(redis.expire(members, expiresIn, "NX"), redis.expire(members, expiresIn, "GT"));
      }
      if (this.model === "Session") writes.push(redis.set(`uid:${payload.uid}`, id, ...lifetime));
      if (payload.userCode) writes.push(redis.set(`user-code:${payload.userCode}`, id, ...lifetime));
      if (consumable.has(this.model)) {
        writes.push(redis.hset(key, "payload", JSON.stringify(payload)));
        if (expiresIn) writes.push(redis.expire(key, expiresIn));
      } else {
        writes.push(redis.set(key, JSON.stringify(payload), ...lifetime));
      }
      await Promise.all(writes);
    }

    async find(id) {
      const key = this.key(id);
      if (!consumable.has(this.model)) {
        const payload = await redis.get(key);
        return payload ? JSON.parse(payload) : undefined;
      }
      const [payload, consumed] = await redis.hmget(key, "payload", "consumed");
      if (!payload) return undefined;
      return consumed ? { ...JSON.parse(payload), consumed: Number(consumed) } : JSON.parse(payload);
    }

    async findByUid(uid) {
      return this.findNamed(await redis.get(`uid:${uid}`));
    }

    async findByUserCode(userCode) {
      return this.findNamed(await redis.get(`user-code:${userCode}`));
    }

    async consume(id) {
      await redis.hset(this.key(id), "consumed", Math.floor(Date.now() / 1000));
    }

    async destroy(id) {
      await redis.unlink(this.key(id));
    }

    async revokeByGrantId(grantId) {
      const members = `grant:${grantId}`;
      await redis.unlink(members, ...(await redis.smembers(members)));
    }

    findNamed(id) {
      return id ? this.find(id) : undefined;
    }

    key(id) {
      return `${this.model}:${id}`;
    }
  };
}

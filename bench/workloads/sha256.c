/*
 * sha256 - a chain of SHA-256 hashes over `size' KiB, by libcrypto.
 *
 * Stands for encryption and hashing: passwords, signatures, checksums of files.
 * Each KiB contains the hash of the one before, so nothing can be computed
 * ahead or side by side.
 *
 * Stresses: the processor's SHA instructions where it has them (several times
 * faster than without), otherwise its integer units.  Nearly no memory.
 *
 * The hashes come out of a library that the compiler cannot see into, each goes
 * into the next block, and all are folded into the digest.
 */
#include <openssl/evp.h>
#include <string.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define BLOCK 1024
#define HASH 32

static uint64_t sha256_run(uint64_t size, uint64_t seed)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct rng rng = {.state = seed};
	uint64_t digest = mix64(seed);
	unsigned char block[BLOCK], hash[HASH];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (unsigned char)rng_next(&rng);

	/*
	 * Naming the hash makes libcrypto look it up, under locks that all
	 * threads share: done once here.  NULL below means "the same again".
	 */
	CHECK(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL));
	for (uint64_t i = 0; i < size; i++) {
		CHECK(EVP_DigestInit_ex(context, NULL, NULL));
		CHECK(EVP_DigestUpdate(context, block, BLOCK));
		CHECK(EVP_DigestFinal_ex(context, hash, NULL));
		memcpy(block + i % (BLOCK / HASH) * HASH, hash, HASH);
		digest = digest_bytes(digest, hash, HASH);
	}
	EVP_MD_CTX_free(context);
	return digest;
}

const struct workload workload_sha256 = {
	.name = "sha256",
	.summary = "chained SHA-256 by libcrypto: encryption and hashing",
	.size_unit = "KiB",
	.default_size = 1400,
	.run = sha256_run,
	.golden = UINT64_C(0x5dd6b4eadc66b86f),
};

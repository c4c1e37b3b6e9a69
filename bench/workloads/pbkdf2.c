/*
 * pbkdf2 - derive a key from a password by `size' rounds of HMAC-SHA256.
 *
 * Stands for logging in: servers keep the key, not the password, and are slow
 * on purpose when they compare (RFC 8018, section 5.2).
 *
 * Stresses: what sha256 does.  Each round hashes what the round before gave, so
 * nothing can be computed ahead or side by side.
 *
 * The work is the same in other languages, to the digest: it is all inside one
 * call of libcrypto, which Node.js and Python make, too.  The password is the
 * seed in decimal, and the digest is how the key begins.  Seed 1, size 3000:
 *
 *	node -p 'crypto.pbkdf2Sync("1", "manyhands", 3000, 32, "sha256")
 *		.toString("hex", 0, 8)'
 *	python3 -c 'import hashlib; print(hashlib.pbkdf2_hmac("sha256", b"1",
 *		b"manyhands", 3000).hex()[:16])'
 *
 * The call looks the algorithms up, some microseconds, under locks that all
 * threads share.  A context kept for each thread would save half of that.  But
 * it would not be what the other languages do.
 */
#include <inttypes.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "harness/base.h"
#include "harness/workload.h"

#define KEY 32

static uint64_t pbkdf2_run(uint64_t size, uint64_t seed)
{
	static const unsigned char salt[] = {'m', 'a', 'n', 'y', 'h',
					     'a', 'n', 'd', 's'};
	unsigned char key[KEY];
	uint64_t digest = 0;
	char password[24];
	int n;

	n = snprintf(password, sizeof(password), "%" PRIu64, seed);
	/* libcrypto counts rounds in an int: enough for ten minutes of them. */
	CHECK(size <= INT_MAX);
	CHECK(PKCS5_PBKDF2_HMAC(password, n, salt, sizeof(salt), (int)size,
				EVP_sha256(), KEY, key));
	for (size_t i = 0; i < 8; i++)
		digest = digest << 8 | key[i];
	return digest;
}

const struct workload workload_pbkdf2 = {
	.name = "pbkdf2",
	.summary =
		"a key from a password by libcrypto: what other languages do",
	.size_unit = "rounds",
	.default_size = 3000,
	.run = pbkdf2_run,
	.golden = UINT64_C(0x77edd3a39a973538),
};

// SPDX-License-Identifier: GPL-2.0-only
/* Threads that take the next piece of work; see pool.h. */
#include "harness/assay/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "harness/assay/basics.h"

struct pool {
	pthread_t *thread;
	size_t threads;
	pthread_mutex_t lock;
	pthread_cond_t more, all_done;
	void (*work)(void *arg, size_t i);
	void *arg;
	size_t next, done, count;
	bool closing;
};

static void *take_work(void *argument)
{
	struct pool *p = argument;
	size_t i;

	pthread_mutex_lock(&p->lock);
	while (!p->closing) {
		if (p->next == p->count) {
			pthread_cond_wait(&p->more, &p->lock);
			continue;
		}
		i = p->next++;
		pthread_mutex_unlock(&p->lock);
		p->work(p->arg, i);
		pthread_mutex_lock(&p->lock);
		if (++p->done == p->count)
			pthread_cond_signal(&p->all_done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct pool *pool_open(size_t jobs)
{
	struct pool *p;

	if (jobs < 2)
		return NULL;
	p = new_zeroed(1, sizeof(*p));
	p->thread = new_zeroed(jobs, sizeof(*p->thread));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->all_done, NULL);
	while (p->threads < jobs && !pthread_create(&p->thread[p->threads], NULL, take_work, p))
		p->threads++;
	if (p->threads)
		return p;
	pool_close(p);
	return NULL;
}

void pool_run(struct pool *p, size_t count, void (*work)(void *arg, size_t i), void *arg)
{
	if (!p) {
		for (size_t i = 0; i < count; i++)
			work(arg, i);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->work = work;
	p->arg = arg;
	p->next = p->done = 0;
	p->count = count;
	pthread_cond_broadcast(&p->more);
	while (p->done < p->count)
		pthread_cond_wait(&p->all_done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void pool_close(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_cond_destroy(&p->all_done);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p->thread);
	free(p);
}

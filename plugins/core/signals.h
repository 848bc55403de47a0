/*
 * The handlers of Go for faults of the machine, which the host replaces with its
 * own: at each SIGHUP and SIGCONT it installs all of its handlers anew
 * (flb_signal_init). Without Go's, a nil pointer in one instance is no panic any
 * more but the end of the agent. Go's hand on what is not theirs.
 */
#ifndef TIDEGATE_SIGNALS_H
#define TIDEGATE_SIGNALS_H

/* tidegate_faults_learn takes the present handlers for Go's. Only its first call counts. */
void tidegate_faults_learn(void);

/* tidegate_faults_keep puts Go's handlers back. The shims call it before they enter Go. */
void tidegate_faults_keep(void);

#endif

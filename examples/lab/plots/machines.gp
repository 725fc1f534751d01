# Fits the model of docs/machines.md to machines.csv, which tests/machines/measure.sh writes, prints both, and draws what
# it says of up to 1,024 processes (machines.png):
#     gnuplot -c examples/lab/plots/machines.gp docs/pictures
# A step of n processes takes, on as many cores as the measuring machine has,
#     step(n) = work / min(n, cores) + delay (first + more (n - 1))
#               + traffic (1 / bandwidth + n / forwarding),   traffic = 2 bytes (n - 1) / n
# work: the step of one process, longer where processes crowd the cores; delay and, but for a share that is lost,
# bandwidth are those of the network; one program forwards the packets of all n.
# In memory there is no delay, and a bandwidth of its own.
call ARG0[1:strlen(ARG0) - strlen("machines.gp")] . "style.gp" ARG1 ARG2
steps = folder . "/machines.csv"
cores = 2
models = "lenet cnn resnet"
# Megabytes of the weights, and milliseconds of one process, from the table.
array megabytes[3] = [0.1777, 4.7995, 0.7018]
array work[3] = [0, 0, 0]
index_of(name) = name eq "lenet" ? 1 : name eq "cnn" ? 2 : 3
is_overlap(name) = name eq "overlap"
do for [m = 1:3] {
    stats steps skip 1 using (strcol(4) eq word(models, m) && $5 == 1 && is_overlap(strcol(6)) ? $7 : NaN) nooutput
    work[m] = STATS_min
}
least(a, b) = a < b ? a : b
traffic(m, n) = 2 * megabytes[int(m)] * (n - 1) / n

# Milliseconds, of a network of so many microseconds and megabits; 0 megabits are memory.
first = 8; more = 3; share = 0.96; memory = 1000; crowd = 0.2; forwarding = 300
send(m, n, us, mbit) = n == 1 ? 0 : mbit == 0 ? 1000 * traffic(m, n) / memory \
    : us / 1000 * (first + more * (n - 1)) + traffic(m, n) * (8000 / (share * mbit) + 1000 * n / forwarding)
step(m, n, us, mbit) = work[int(m)] / least(n, cores) * (n > cores ? 1 + crowd : 1) + send(m, n, us, mbit)

set fit quiet nolog
set dummy n, m, us, mbit
predicted(n, m, us, mbit) = step(m, n, us, mbit)
fit predicted(n, m, us, mbit) steps skip 1 using \
    (is_overlap(strcol(6)) && $5 > 1 ? $5 : NaN):(index_of(strcol(4))):2:3:7:7 zerror via first, more, memory, crowd, forwarding
print sprintf("delay %.1f + %.1f (n - 1) times; share of the bandwidth %.2f; forwarding %.0f MB/s; " \
    . "memory %.0f MB/s; crowded cores %.2f", first, more, share, forwarding, memory, 1 + crowd)
report = ""
worst = 0.0
tell(us, mbit, n, name, y) = (now = step(index_of(name), n, us, mbit), off = now / y - 1, \
    worst = abs(off) > worst ? abs(off) : worst, report = report . sprintf("%5g us %4g Mbit/s  %d  %-6s  measured %7.1f ms" \
    . "  model %7.1f ms  %+3.0f%%\n", us, mbit, n, name, y, now, 100 * off), 0)
stats steps skip 1 using (is_overlap(strcol(6)) ? tell($2, $3, $5, strcol(4), $7) : NaN) nooutput
print report . sprintf("off by %.0f%% at most", 100 * worst)

# What it says of machines of one core each, 20 us and 10 Gbit/s apart, which need no program between them: a batch of
# 1,024 parts as large as those that were measured, of which there were eight, shared by all (strong); and eight parts
# for each machine (weak).
real_send(m, n) = n == 1 ? 0 : 0.02 * (first + more * (n - 1)) + traffic(m, n) * 8000 / (share * 10000)
strong(m, n) = 128 * work[int(m)] / (128 * work[int(m)] / n + real_send(m, n))
weak(m, n) = n * work[int(m)] / (work[int(m)] + real_send(m, n))
set logscale xy 2
set xrange [1:1024]
set yrange [1:1024]
set xlabel "processes"
set ylabel "times as many images a second as one"
set key left top
set samples 201
set dummy x
eval canvas("machines", 900, 500)
set multiplot layout 1, 2
set title "Strong scaling: a batch of 8,192 images"
plot x with lines linecolor rgb "#999999" title "as many as processes", \
    for [m = 1:3] strong(m, x) with lines linestyle m + 1 title word(models, m)
set title "Weak scaling: 64 images for each process"
plot x with lines linecolor rgb "#999999" notitle, for [m = 1:3] weak(m, x) with lines linestyle m + 1 title word(models, m)
unset multiplot

// Prints what Prometheus itself makes of inputs that the evidence code is tested with:
// histogram_quantile (promql.BucketQuantile), the parser of the text format and of OpenMetrics
// (model/textparse), and rates and quantiles of scrapes (a TSDB and the PromQL engine).
//
// Not part of any build. How the golden files came about: see README.md beside them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
)

func num(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func write(dir, name string, v any) {
	f, err := os.Create(filepath.Join(dir, name))
	must(err)
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	fmt.Fprintln(w, "[")
	list := v.([]any)
	for i, e := range list {
		b, err := json.Marshal(e)
		must(err)
		w.Write(b)
		if i < len(list)-1 {
			w.WriteByte(',')
		}
		w.WriteByte('\n')
	}
	fmt.Fprintln(w, "]")
	must(w.Flush())
	must(f.Close())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// ---- quantiles ----

type bucket [2]string // upper bound, count

var qs = []float64{0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1}

func quantiles() []any {
	var out []any
	add := func(name string, bs ...float64) { // le, count pairs
		var texts []bucket
		for i := 0; i < len(bs); i += 2 {
			texts = append(texts, bucket{num(bs[i]), num(bs[i+1])})
		}
		want := map[string]string{}
		for _, q := range qs {
			var buckets promql.Buckets
			for i := 0; i < len(bs); i += 2 {
				buckets = append(buckets, promql.Bucket{UpperBound: bs[i], Count: bs[i+1]})
			}
			v, _, _, _, _, _ := promql.BucketQuantile(q, buckets)
			want[num(q)] = num(v)
		}
		out = append(out, map[string]any{"name": name, "buckets": texts, "want": want})
	}
	inf := math.Inf(1)
	add("only +Inf", inf, 5)
	add("no +Inf", 0.1, 1, 0.5, 2)
	add("nothing")
	add("no observation", 0.1, 0, 0.5, 0, inf, 0)
	add("two buckets", 0.5, 3, inf, 3)
	add("two buckets, all above", 0.5, 0, inf, 3)
	add("all in the first", 0.1, 10, 0.5, 10, inf, 10)
	add("all in the last", 0.1, 0, 0.5, 0, inf, 10)
	add("one in a hundred above", 0.1, 50, 0.5, 99, inf, 100)
	add("one in ninety-nine above", 0.1, 50, 0.5, 98, inf, 99)
	add("rank exactly at a bound", 0.1, 50, 0.5, 100, 1, 100, inf, 100)
	add("empty buckets between", 0.1, 50, 0.2, 50, 0.3, 50, 0.5, 100, inf, 100)
	add("first bound is zero", 0, 10, 1, 20, inf, 20)
	add("first bound is negative", -1, 10, 1, 20, inf, 20)
	add("only negative bounds", -2, 5, -1, 10, inf, 10)
	add("not monotonic, in the middle", 0.1, 10, 0.2, 8, 0.5, 20, inf, 20)
	add("not monotonic, at the end", 0.1, 10, 0.5, 20, inf, 15)
	add("not monotonic, falling all the way", 0.1, 30, 0.5, 20, inf, 10)
	add("not monotonic, +Inf zero", 0.1, 30, 0.5, 40, inf, 0)
	add("a hair apart", 0.1, 1e15, 0.5, 1e15+100, inf, 1e15+200)
	add("fractions", 0.1, 0.25, 0.5, 0.75, inf, 1.5)
	add("large", 0.1, 4e14, 0.5, 8e14, inf, 9e14)
	add("single observation", 0.005, 0, 0.01, 0, 0.025, 1, 0.05, 1, inf, 1)
	add("sample service, fast", .005, 90, .01, 95, .025, 99, .05, 100, .1, 100, .2, 100, .3, 100, .4, 100, .5, 100, .75, 100, 1, 100, 2, 100, 3, 100, 5, 100, 10, 100, 30, 100, 60, 100, inf, 100)
	add("sample service, 2 s slow", .005, 0, .01, 0, .025, 0, .05, 0, .1, 0, .2, 0, .3, 0, .4, 0, .5, 0, .75, 0, 1, 0, 2, 1, 3, 40, 5, 40, 10, 40, 30, 40, 60, 40, inf, 40)

	r := rand.New(rand.NewSource(20260101))
	for i := 0; i < 150; i++ {
		n := 1 + r.Intn(16)
		bounds := map[float64]bool{}
		for len(bounds) < n {
			bounds[math.Round(r.ExpFloat64()*1000)/1000-0.002*float64(r.Intn(2))] = true
		}
		var keys []float64
		for k := range bounds {
			keys = append(keys, k)
		}
		sort.Float64s(keys)
		if r.Intn(20) > 0 {
			keys = append(keys, inf)
		}
		var bs []float64
		count := 0.0
		for _, k := range keys {
			if r.Intn(3) > 0 {
				count += float64(r.Intn(1 + r.Intn(1000)))
			}
			c := count
			if i%4 == 0 && r.Intn(4) == 0 { // lies
				c = math.Max(0, c-float64(r.Intn(50)))
			}
			bs = append(bs, k, c)
		}
		add(fmt.Sprintf("random %d", i), bs...)
	}
	return out
}

// ---- expositions ----

type parsed struct {
	Labels map[string]string `json:"labels"`
	Value  string            `json:"value"`
}

func parse(text, contentType string) ([]parsed, error) {
	p, err := textparse.New([]byte(text), contentType, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	if err != nil && p == nil {
		return nil, err
	}
	var out []parsed
	for {
		e, err := p.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if e != textparse.EntrySeries {
			continue
		}
		_, _, v := p.Series()
		var l labels.Labels
		p.Labels(&l)
		out = append(out, parsed{l.Map(), num(v)})
	}
}

func expositions() []any {
	var out []any
	add := func(name, contentType, text string) {
		samples, err := parse(text, contentType)
		c := map[string]any{"name": name, "content_type": contentType, "text": text, "samples": samples}
		if samples == nil {
			c["samples"] = []parsed{}
		}
		if err != nil {
			c["error"] = "refused"
		}
		out = append(out, c)
	}
	const plain = "text/plain; version=0.0.4"
	const om = "application/openmetrics-text; version=1.0.0"
	m := "http_requests_total"
	add("nothing", plain, "")
	add("plain", plain, "# HELP x y\n# TYPE x counter\n"+m+"{method=\"GET\",path=\"/\",status_code=\"200\"} 12\n")
	add("simpleclient's trailing comma", plain, m+"{method=\"GET\",path=\"/\",status_code=\"200\",} 12.0\n")
	add("no labels", plain, m+" 3\n")
	add("empty labels", plain, m+"{} 3\n")
	add("a comma alone", plain, m+"{,} 3\n")
	add("two commas", plain, m+"{a=\"b\",,} 3\n")
	add("blanks everywhere", plain, " \t"+m+" \t{ \ta = \"b\" , c\t=\"d\" } \t 7 \n")
	add("no blank before the value", plain, m+"{a=\"b\"}7\n")
	add("timestamp", plain, m+"{a=\"b\"} 7 1700000000000\n")
	add("negative timestamp", plain, m+" 7 -1\n")
	add("text after the value", plain, m+" 7 seven\n")
	add("fraction as a timestamp", plain, m+" 7 1.5\n")
	add("two numbers after the value", plain, m+" 7 1 2\n")
	add("no end of line", plain, m+" 7")
	add("escapes", plain, m+"{path=\"a\\\\b\\\"c\\nd\"} 1\n")
	add("unknown escape", plain, m+"{path=\"a\\tb\"} 1\n")
	add("braces and commas in a value", plain, m+"{path=\"/{id},a=\\\"b\\\"} # x\"} 1\n")
	add("UTF-8", plain, m+"{path=\"/größe/日本\"} 1\n")
	add("empty label value", plain, m+"{path=\"\"} 1\n")
	add("empty lines", plain, "\n\n"+m+" 1\n\n\n"+m+"{a=\"b\"} 2\n")
	add("CRLF", plain, m+" 1\r\n")
	add("twice the same label", plain, m+"{a=\"b\",a=\"c\"} 1\n")
	add("label name starts with a digit", plain, m+"{1a=\"b\"} 1\n")
	add("label name with a colon", plain, m+"{a:b=\"c\"} 1\n")
	add("metric name with a colon", plain, "a:b 1\n")
	add("metric name starts with a digit", plain, "1a 1\n")
	add("metric name with a dash", plain, "a-b 1\n")
	add("unquoted label value", plain, m+"{a=b} 1\n")
	add("single quotes", plain, m+"{a='b'} 1\n")
	add("no closing quote", plain, m+"{a=\"b} 1\n")
	add("no closing brace", plain, m+"{a=\"b\" 1\n")
	add("no value", plain, m+"{a=\"b\"}\n")
	add("no value, no labels", plain, m+"\n")
	add("a name inside the braces", plain, "{\"http_requests_total\",a=\"b\"} 1\n")
	add("a line feed in a label value", plain, m+"{a=\"b\nc\"} 1\n")
	add("HTML", plain, "<html><body>no metrics here</body></html>\n")
	add("JSON", plain, "{\"http_requests_total\": 5}\n")
	for _, v := range []string{"0", "-0", "+1", "1.", ".5", "1e3", "1E+3", "1e-7", "1e400", "-1e400", "NaN", "nan", "NAN", "Inf", "+Inf", "-Inf", "inf", "+inf", "Infinity", "+infinity", "-INFINITY", "0x10", "0x1p4", "1_000", "1,000", "1d", "1f", "1L", "--1", "+-1", "1e", "e1", "", "-", ".", "١٢", "9007199254740993", "4.9E-324", "1e-400"} {
		add("the number "+v, plain, m+" "+v+"\n")
	}
	add("OpenMetrics", om, "# TYPE http_requests counter\n"+m+"{path=\"/\"} 5.0 1700000000.123\n# EOF\n")
	add("OpenMetrics, exemplar", om, "# TYPE d histogram\nd_bucket{le=\"1.0\"} 5 # {trace_id=\"abc\"} 0.67\nd_bucket{le=\"+Inf\"} 5 # {trace_id=\"} 9\"} 0.67 1700000000.5\nd_count 5\nd_sum 2\n# EOF\n")
	add("OpenMetrics, exemplar and timestamp", om, "# TYPE http_requests counter\n"+m+" 5 1700000000.123 # {trace_id=\"abc\"} 1\n# EOF\n")
	add("OpenMetrics, created", om, "# TYPE http_requests counter\n"+m+"{path=\"/\"} 5\nhttp_requests_created{path=\"/\"} 1.7e9\n# EOF\n")
	return out
}

// ---- windows ----

type scrape struct {
	Instance string `json:"instance"`
	AtMillis int64  `json:"at_ms"`
	Text     string `json:"text"`
}

var bounds = []float64{0.005, 0.05, 0.25, 0.5, 1, 2.5}

type series struct{ path, method, status string }

// counters of one instance
type counters struct {
	requests map[series]float64
	buckets  map[[2]string][]float64 // path, method: cumulative, +Inf last
}

func fresh() *counters {
	c := &counters{map[series]float64{}, map[[2]string][]float64{}}
	for _, p := range []string{"/", "/a"} {
		for _, s := range []string{"200", "404", "500", "503"} {
			c.requests[series{p, "GET", s}] = 0
		}
		c.buckets[[2]string{p, "GET"}] = make([]float64, len(bounds)+1)
	}
	return c
}

func (c *counters) answer(r *rand.Rand, errors, slow float64) {
	p := []string{"/", "/a"}[r.Intn(2)]
	s := "200"
	switch x := r.Float64(); {
	case x < errors:
		s = []string{"500", "503"}[r.Intn(2)]
	case x < errors+0.05:
		s = "404"
	}
	c.requests[series{p, "GET", s}]++
	took := r.ExpFloat64() * slow
	b := c.buckets[[2]string{p, "GET"}]
	for i := range b {
		if i == len(bounds) || took <= bounds[i] {
			b[i]++
		}
	}
}

func (c *counters) text() string {
	var w strings.Builder
	var rs []series
	for s := range c.requests {
		rs = append(rs, s)
	}
	sort.Slice(rs, func(i, j int) bool { return fmt.Sprint(rs[i]) < fmt.Sprint(rs[j]) })
	for _, s := range rs {
		fmt.Fprintf(&w, "http_requests_total{method=%q,path=%q,status_code=%q,} %s.0\n", s.method, s.path, s.status, num(c.requests[s]))
	}
	var bs [][2]string
	for b := range c.buckets {
		bs = append(bs, b)
	}
	sort.Slice(bs, func(i, j int) bool { return fmt.Sprint(bs[i]) < fmt.Sprint(bs[j]) })
	for _, b := range bs {
		for i, count := range c.buckets[b] {
			le := "+Inf"
			if i < len(bounds) {
				le = num(bounds[i])
				if !strings.Contains(le, ".") {
					le += ".0"
				}
			}
			fmt.Fprintf(&w, "http_request_duration_seconds_bucket{method=%q,path=%q,le=%q,} %s.0\n", b[1], b[0], le, num(count))
		}
	}
	return w.String()
}

const step = 1000 // ms between scrapes

func windows() []any {
	var out []any
	kinds := []struct {
		name      string
		instances int
		scrapes   int
		resets    int
		vanish    bool
		errors    float64
		slow      float64
	}{
		{"one instance", 1, 12, 0, false, 0.02, 0.1},
		{"three instances", 3, 8, 0, false, 0.05, 0.3},
		{"resets", 1, 12, 3, false, 0.05, 0.1},
		{"three instances, resets", 3, 8, 2, false, 0.1, 0.4},
		{"an instance vanishes", 3, 8, 0, true, 0.1, 0.2},
		{"mostly beyond the last bound", 2, 6, 0, false, 0.01, 40},
		{"no errors", 2, 6, 0, false, 0, 0.01},
	}
	for i, k := range kinds {
		r := rand.New(rand.NewSource(int64(1000 + i)))
		start := int64(1_700_000_000_000)
		var scrapes []scrape
		last := start + int64(k.scrapes)*step
		for n := 0; n < k.instances; n++ {
			c := fresh()
			for range 200 + r.Intn(500) {
				c.answer(r, 0.5, 5) // a past that is not to be counted
			}
			resetAt := map[int]bool{}
			for len(resetAt) < k.resets {
				resetAt[2+r.Intn(k.scrapes-3)] = true
			}
			for s := 0; s <= k.scrapes; s++ {
				if k.vanish && n == 0 && s > k.scrapes/2 {
					break
				}
				if s > 0 {
					if resetAt[s] {
						c = fresh()
					}
					for range r.Intn(40) {
						c.answer(r, k.errors, k.slow)
					}
				}
				scrapes = append(scrapes, scrape{fmt.Sprintf("i%d", n), start + int64(s)*step, c.text()})
			}
		}
		out = append(out, map[string]any{
			"name": k.name, "scrapes": scrapes, "from_ms": start,
			"want": query(scrapes, start, last),
		})
	}
	return out
}

// query puts the scrapes into a TSDB and asks PromQL, over (start - 1 ms, last]: the ranges of
// Prometheus 3 leave their start out, and what is extrapolated to it is a millisecond's worth.
func query(scrapes []scrape, start, last int64) map[string]string {
	dir, err := os.MkdirTemp("", "tsdb")
	must(err)
	defer os.RemoveAll(dir)
	opts := tsdb.DefaultOptions()
	db, err := tsdb.Open(dir, nil, nil, opts, nil)
	must(err)
	defer db.Close()
	sort.SliceStable(scrapes, func(i, j int) bool { return scrapes[i].AtMillis < scrapes[j].AtMillis })
	for _, s := range scrapes {
		samples, err := parse(s.Text, "text/plain; version=0.0.4")
		must(err)
		app := db.Appender(context.Background())
		for _, p := range samples {
			b := labels.NewBuilder(labels.FromMap(p.Labels))
			b.Set("instance", s.Instance)
			v, err := strconv.ParseFloat(p.Value, 64)
			must(err)
			_, err = app.Append(0, b.Labels(), s.AtMillis, v)
			must(err)
		}
		must(app.Commit())
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e7, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	w := fmt.Sprintf("[%dms]", last-start+1)
	ask := func(q string) string {
		query, err := engine.NewInstantQuery(context.Background(), db, nil, q, time.UnixMilli(last))
		must(err)
		defer query.Close()
		res := query.Exec(context.Background())
		must(res.Err)
		v, err := res.Vector()
		must(err)
		if len(v) != 1 {
			panic(fmt.Sprint(q, v))
		}
		return num(v[0].F)
	}
	all := "sum(rate(http_requests_total" + w + "))"
	want := map[string]string{
		"rate_per_second": ask(all),
		"error_rate":      ask("sum(rate(http_requests_total{status_code=~\"5..\"}" + w + ")) / " + all),
	}
	for _, q := range []string{"0.5", "0.95", "0.99"} {
		want["q"+q] = ask("histogram_quantile(" + q + ", sum by (le) (rate(http_request_duration_seconds_bucket" + w + ")))")
	}
	return want
}

func main() {
	dir := os.Args[1]
	write(dir, "quantiles.json", quantiles())
	write(dir, "expositions.json", expositions())
	write(dir, "windows.json", windows())
}

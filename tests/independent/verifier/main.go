// A second opinion about Comity's notes, proofs and tiles, by code that nobody of the project wrote: Go's
// golang.org/x/mod/sumdb/note and tlog, which check every Go module download. Here is only what they lack: the C2SP
// forms around them (cosignature/v1, tlog-proof v1, the tlog-tiles paths), read from the standards' text.
//
// One JSON question a line on standard input, one line of answer: "yes WHAT" or "no REASON".
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// goSum is the origin of Go's own log, the only one that tlog parses and the only one that is not its key's name.
const goSum = "go.sum database tree"

type question struct {
	Kind   string   // note, proof, consistency or tiles
	Keys   []string // verifier keys; every one of them must have signed
	Note   string   // the (newer) checkpoint
	Old    string   // the checkpoint that it is to extend
	Hashes []string // the consistency proof from the one to the other
	Proof  string   // a tlog-proof
	Entry  []byte   // the entry it is about
	Folder string   // where tiles lie
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		said, err := answer(lines.Bytes())
		if err != nil {
			fmt.Println("no", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("yes", said)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func answer(line []byte) (string, error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return "", err
	}
	switch q.Kind {
	case "note":
		_, said, err := opened(q.Note, q.Keys)
		return said, err
	case "proof":
		return "included", included(q)
	case "consistency":
		return "extends", extends(q)
	case "tiles":
		return walked(q)
	}
	return "", fmt.Errorf("unknown kind %q", q.Kind)
}

// opened is the tree in a checkpoint that each of the keys signed, the log's own first; and what was signed.
func opened(text string, keys []string) (tlog.Tree, string, error) {
	var known []note.Verifier
	var witnesses []*witness
	for _, key := range keys {
		if one, err := newWitness(key); err == nil {
			known, witnesses = append(known, one), append(witnesses, one)
			continue
		}
		plain, err := note.NewVerifier(key)
		if err != nil {
			return tlog.Tree{}, "", err
		}
		known = append(known, plain)
	}
	found, err := note.Open([]byte(text), note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, "", err
	}
	if len(found.Sigs) != len(keys) {
		return tlog.Tree{}, "", fmt.Errorf("%d of %d keys signed", len(found.Sigs), len(keys))
	}
	origin, rest, _ := strings.Cut(found.Text, "\n")
	if origin != known[0].Name() && origin != goSum {
		return tlog.Tree{}, "", fmt.Errorf("a checkpoint of %q, signed by %q", origin, known[0].Name())
	}
	tree, err := tlog.ParseTree([]byte(goSum + "\n" + rest))
	said := fmt.Sprintf("%s %d %s", origin, tree.N, tree.Hash)
	for _, one := range witnesses {
		said += fmt.Sprintf(" %s@%d", one.name, one.at)
	}
	return tree, said, err
}

// A witness verifies C2SP cosignature/v1: eight bytes of POSIX time, then Ed25519 over that time and the text.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	at   uint64
}

func newWitness(line string) (*witness, error) {
	name, rest, _ := strings.Cut(line, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	typed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		return nil, fmt.Errorf("not a witness's key: %q", line)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	if fmt.Sprintf("%x", sum[:4]) != id {
		return nil, fmt.Errorf("the id is not that of the key: %q", line)
	}
	return &witness{name, binary.BigEndian.Uint32(sum[:]), typed[1:], 0}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	w.at = binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", w.at, text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

// included says whether the entry is where the tlog-proof places it, under a checkpoint that the keys signed.
func included(q question) error {
	head, checkpoint, _ := strings.Cut(q.Proof, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a tlog-proof: %q", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:] // opaque by the standard; the entry comes with the question
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return fmt.Errorf("a tlog-proof without an index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	hashes, err := parsed(lines[1:])
	if err != nil {
		return err
	}
	tree, _, err := opened(checkpoint, q.Keys)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(q.Entry))
}

// extends says whether the newer checkpoint's log begins with the older one's.
func extends(q question) error {
	before, _, err := opened(q.Old, q.Keys)
	if err != nil {
		return err
	}
	after, _, err := opened(q.Note, q.Keys)
	if err != nil {
		return err
	}
	hashes, err := parsed(q.Hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, after.N, after.Hash, before.N, before.Hash)
}

func parsed(texts []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(texts))
	for i, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}

// Tiles in a folder, as C2SP tlog-tiles lays them out: like Go's, but for the height and the entries' name.
type tiles string

const height = 8

func (folder tiles) Height() int                     { return height }
func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (folder tiles) read(tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(string(folder), "tile", filepath.FromSlash(path)))
}

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		data, err := folder.read(tile)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s holds %d bytes", tile.Path(), len(data))
		}
		found[i] = data
	}
	return found, nil
}

// walked reads every entry of a log from its tiles and shows each to be in the tree of the signed checkpoint.
func walked(q question) (string, error) {
	folder := tiles(q.Folder)
	checkpoint, err := os.ReadFile(filepath.Join(q.Folder, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, said, err := opened(string(checkpoint), q.Keys)
	if err != nil {
		return "", err
	}
	reader := tlog.TileHashReader(tree, folder)
	for at := int64(0); at < tree.N; at += 1 << height {
		width := min(tree.N-at, 1<<height)
		bundle, err := folder.read(tlog.Tile{H: height, L: -1, N: at >> height, W: int(width)})
		if err != nil {
			return "", err
		}
		if err := stands(reader, bundle, at, width); err != nil {
			return "", err
		}
	}
	return said, nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// stands says whether the bundle's entries are those from number `at` on, and no more.
func stands(reader tlog.HashReader, bundle []byte, at, width int64) error {
	var numbers []int64
	var leaves []tlog.Hash
	for ; width > 0; width-- {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return fmt.Errorf("the entries from %d on are cut short", at)
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		numbers = append(numbers, tlog.StoredHashIndex(0, at+int64(len(numbers))))
		leaves = append(leaves, tlog.RecordHash(bundle[2:end]))
		bundle = bundle[end:]
	}
	proven, err := reader.ReadHashes(numbers)
	if err != nil {
		return err
	}
	for i := range proven {
		if proven[i] != leaves[i] {
			return fmt.Errorf("entry %d is not the one in the tree", at+int64(i))
		}
	}
	if len(bundle) != 0 {
		return fmt.Errorf("more than the entries from %d on", at)
	}
	return nil
}

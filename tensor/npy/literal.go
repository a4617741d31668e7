package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxRank is the largest number of dimensions that NumPy knows (64 since 2.0).
const maxRank = 64

// parseHeader reads the one Python expression that a header may hold: a
// dictionary with exactly the keys descr, fortran_order and shape, padded with
// spaces.
func parseHeader(text string) (Header, error) {
	var h Header
	p := &parser{text}
	if err := p.expect("{"); err != nil {
		return h, err
	}
	seen := map[string]bool{}
	for !p.accept("}") {
		key, err := p.str()
		if err != nil {
			return h, err
		}
		if seen[key] {
			return h, fmt.Errorf("key %s appears twice", quote(key))
		}
		seen[key] = true
		if err := p.expect(":"); err != nil {
			return h, err
		}
		switch key {
		case "descr":
			h.Descr, err = p.descr()
		case "fortran_order":
			h.FortranOrder, err = p.boolean()
		case "shape":
			h.Shape, err = p.shape()
		default:
			err = fmt.Errorf("unknown key %s; descr, fortran_order and shape are known", quote(key))
		}
		if err != nil {
			return h, err
		}
		if !p.accept(",") && p.peek() != "}" {
			return h, p.unexpected(`"," or "}"`)
		}
	}
	if p.peek() != "" {
		return h, p.unexpected("nothing more")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, fmt.Errorf("key %q is missing", key)
		}
	}
	return h, nil
}

// A parser holds what remains to be parsed.
type parser struct{ rest string }

func (p *parser) skipSpace() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// peek returns the next character, or "" at the end.
func (p *parser) peek() string {
	p.skipSpace()
	return p.rest[:min(1, len(p.rest))]
}

func (p *parser) accept(token string) bool {
	p.skipSpace()
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

func (p *parser) expect(token string) error {
	if !p.accept(token) {
		return p.unexpected(strconv.Quote(token))
	}
	return nil
}

func (p *parser) unexpected(want string) error {
	if p.rest == "" {
		return fmt.Errorf("it ends where %s should be", want)
	}
	return fmt.Errorf("%.20q stands where %s should be", p.rest, want)
}

// str reads a string in single or double quotes. Nothing that needs an escape
// can be right here.
func (p *parser) str() (string, error) {
	quote := p.peek()
	if quote != "'" && quote != `"` {
		return "", p.unexpected("a string")
	}
	s, rest, closed := strings.Cut(p.rest[1:], quote)
	if !closed || strings.ContainsAny(s, "\\\n") {
		return "", p.unexpected("a plain string")
	}
	p.rest = rest
	return s, nil
}

func (p *parser) descr() (string, error) {
	if p.peek() == "[" {
		return "", errors.New("structured types are not read; save each field as an array of its own")
	}
	return p.str()
}

func (p *parser) boolean() (bool, error) {
	if p.accept("True") {
		return true, nil
	}
	if p.accept("False") {
		return false, nil
	}
	return false, p.unexpected("True or False")
}

// shape reads a tuple of non-negative integers. Python 2 wrote some of them
// with an L behind.
func (p *parser) shape() ([]int, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	shape := []int{}
	comma := true
	for !p.accept(")") {
		if !comma {
			return nil, p.unexpected(`"," or ")"`)
		}
		p.skipSpace()
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		if digits == "" {
			return nil, p.unexpected("a dimension of 0 or more")
		}
		d, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("dimension %.30s is too large", digits)
		}
		if len(shape) == maxRank {
			return nil, fmt.Errorf("more than %d dimensions", maxRank)
		}
		shape = append(shape, d)
		p.rest = strings.TrimPrefix(p.rest[len(digits):], "L")
		comma = p.accept(",")
	}
	if len(shape) == 1 && !comma {
		return nil, fmt.Errorf("(%d) is a number, not a shape; the tuple of one dimension is (%d,)", shape[0], shape[0])
	}
	return shape, nil
}

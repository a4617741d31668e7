package option

import (
	"fmt"
	"path"
	"reflect"
	"strings"
)

// CheckEffect returns an error if an option, whatever its value, has no effect beside the
// other options of the struct that target points to. Its tag says what it needs:
//
//	needs:"optimizer=adam"        another option with that value, which may be a pattern
//	needs:"scales!=1"             another option without that value
//	needs:"frames"                another option with a value that is not zero
//	needs:"init=noise|init-noise" one of several
//
// An option that is not there, or has no such tag, always has an effect. CheckEffect
// panics if the tag names an option that is not there.
//
// It is for options that were given for this very use of them. Those of a file or a
// preset, which serve many uses, may well have none in one.
func CheckEffect(target any, name string) error {
	v := reflect.ValueOf(target).Elem()
	f, ok := Find(v.Type(), name)
	if !ok || f.Tag.Get("needs") == "" {
		return nil
	}
	var wanted []string
	for need := range strings.SplitSeq(f.Tag.Get("needs"), "|") {
		other, value, compared := strings.Cut(need, "=")
		other, unlike := strings.CutSuffix(other, "!")
		o, ok := Find(v.Type(), other)
		if !ok {
			panic(fmt.Sprintf("option: CheckEffect: --%s needs --%s, which is no option", name, other))
		}
		field := v.FieldByIndex(o.Index)
		if !compared {
			if !field.IsZero() {
				return nil
			}
			wanted = append(wanted, "--"+other)
			continue
		}
		same, err := path.Match(value, strings.ToLower(path.Base(fmt.Sprint(field))))
		if err != nil {
			panic(fmt.Sprintf("option: CheckEffect: the pattern %s: %v", value, err))
		}
		if same != unlike {
			return nil
		}
		if unlike {
			return fmt.Errorf("--%s has no effect with --%s %s", name, other, value)
		}
		wanted = append(wanted, "--"+other+" "+value)
	}
	return fmt.Errorf("--%s has no effect without %s", name, strings.Join(wanted, " or "))
}

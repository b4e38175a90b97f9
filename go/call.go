package teeproof

/*
#include "teeproof.h"
*/
import "C"

import "encoding/json"

// Call performs an operation by its name: verify, compare, inspect, policy-explain or checks. The
// request is made into JSON, and is a teeproof.request/1; what is given back is the answer.
func Call(operation string, request any) (json.RawMessage, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	var lent loan
	defer lent.back()
	name, content := lent.bytes([]byte(operation)), lent.bytes(body)
	var made *C.teeproof_text
	var why *C.teeproof_error
	result := C.teeproof_call(name.data, name.len, content.data, content.len, &made, &why)
	said, err := own(made, result, why)
	if err != nil {
		return nil, err
	}
	var answer struct {
		OK    json.RawMessage
		Error *Error
	}
	if err := json.Unmarshal(said, &answer); err != nil {
		return nil, err
	}
	if answer.Error != nil {
		return nil, answer.Error
	}
	return answer.OK, nil
}

package operations

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

// hashPath names a file of a consignment.
var hashPath = map[string]string{"id": idPath["id"], "hash": exampleHash + "|SHA-256 of the file"}

const exampleHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// photoOperations are the photographs of containers, and in whose hand a consignment is.
func (d *desk) photoOperations(a *api.API) {
	api.Act(a, api.Operation{ID: "addPhoto", Path: "/consignments/{id}/photos", Paths: idPath, Permission: mayWork, Tag: tagExport, Takes: mediaPhoto, Most: filing.MostPhoto + 1,
		Summary: "Keep a photograph of the containers", Description: "Its SHA-256, which sealConsignment names, is in the answer."}, d.addPhoto, d.photos)
	api.Read(a, api.Operation{ID: "listPhotos", Path: "/consignments/{id}/photos", Paths: idPath, Permission: mayWork, Tag: tagExport, Summary: "The photographs of the containers"},
		func(c *api.Call) (Photos, error) {
			found, err := d.find(c, c.Path("id"))
			if err != nil {
				return Photos{}, err
			}
			return d.photos(c, found.ID)
		})
	api.Read(a, api.Operation{ID: "readPhoto", Path: "/consignments/{id}/photos/{hash}", Paths: hashPath, Permission: mayWork, Tag: tagExport, Gives: mediaPhoto, Summary: "A photograph as it came"}, d.photo)
	api.Act(a, api.Operation{ID: "handConsignment", Path: "/consignments/{id}/hand", Paths: idPath, Permission: mayWork, Tag: tagExport, Example: handing{Act: "take"}, Sketch: sketch,
		Summary: "Take a consignment in hand for the others to see, or give it out of hand", Description: "It forbids nobody anything, and ends with the next act."}, d.hand, d.exportFile)
}

// handing takes in hand, or gives out of it.
type handing struct {
	Act string `json:"act" enum:"take,leave"`
}

func (d *desk) hand(c *api.Call, x handing) (string, error) {
	found, err := d.seen(c)
	if err != nil {
		return "", err
	}
	if x.Act != "take" && x.Act != "leave" {
		return "", fault.Invalid("certificate.field_missing", fault.At("act"))
	}
	return found.ID, d.write(c.Context(), func(tx *store.Tx) error {
		tx.Act(found.ID)
		now, err := still(c, tx, found.ID)
		switch {
		case err != nil:
			return err
		case x.Act == "leave":
			return consignment.LeaveHand(tx, now.ID, c.Actor())
		}
		return consignment.Take(tx, now, c.Actor(), c.Name())
	})
}

// Photos are the photographs of a consignment.
type Photos struct {
	Photos []canonical.Hash `json:"photos" doc:"SHA-256 of each, oldest first"`
}

func (d *desk) addPhoto(c *api.Call, _ api.Nothing) (string, error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return "", err
	}
	taken, err := filing.Read(c.Body)
	if err != nil {
		return "", err
	}
	return found.ID, d.write(c.Context(), func(tx *store.Tx) error {
		tx.Act(found.ID)
		return taken.Keep(tx, found.ID, c.Actor())
	})
}

func (d *desk) photos(c *api.Call, id string) (out Photos, err error) {
	out.Photos = []canonical.Hash{}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		all, err := filing.Photos(tx, id)
		for _, p := range all {
			out.Photos = append(out.Photos, p.Hash)
		}
		return err
	})
	return out, err
}

// seal wants every photograph that is named to be kept already. Faults also:
// certificate.photo_unknown.
func (d *desk) seal(c *api.Call, id string, who exporting.Officer, v certificate.Sealing) error {
	have, err := d.photos(c, id)
	if err != nil {
		return err
	}
	kept := map[canonical.Hash]bool{{}: true}
	for _, h := range have.Photos {
		kept[h] = true
	}
	for _, x := range v.Containers {
		if !kept[x.Photo] {
			return fault.NotFound("certificate.photo_unknown", fault.At("containers"), fault.Arg("consignment", id))
		}
	}
	return done(d.exports.Seal(c.Context(), id, who, v))
}

func (d *desk) photo(c *api.Call) (out *api.File, err error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return nil, err
	}
	var hash canonical.Hash
	if err := hash.UnmarshalText([]byte(c.Path("hash"))); err != nil {
		return nil, fault.NotFound("certificate.photo_unknown", fault.Arg("consignment", found.ID))
	}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		raw, form, err := filing.Sealed(tx, found.ID, hash)
		out = &api.File{Name: hash.String()[:16] + "." + form, Media: "image/" + form, Bytes: raw}
		return err
	})
	return out, err
}
